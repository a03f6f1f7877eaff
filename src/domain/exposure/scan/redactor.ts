/**
 * Replaces many known secrets in text in one pass, whatever their number: every four characters are looked up,
 * and only where a secret begins with them is anything compared.
 */

interface Pattern {
  text: string;
  mark: string;
  /** Short secrets are replaced only where they stand alone: `1234` in `12345` is another number. */
  alone: boolean;
}

const anchorLength = 4;
/** Secrets shorter than this are replaced only where they stand alone. */
const aloneBelow = 8;

export class Redactor {
  readonly #byAnchor = new Map<string, Pattern[]>();
  /** One bit of memory for each hash of four characters spares the map for nearly every position. */
  readonly #anchors = new Uint8Array(65_536);
  readonly #known = new Set<string>();

  get size(): number {
    return this.#known.size;
  }

  /** From now on `text` becomes `mark`. Texts of less than four characters are too common to be replaced. */
  add(text: string, mark: string): void {
    if (text.length < anchorLength || this.#known.has(text)) return;
    this.#known.add(text);
    this.#anchors[hashAt(text, 0)] = 1;
    const anchor = text.slice(0, anchorLength);
    const patterns = this.#byAnchor.get(anchor) ?? [];
    patterns.push({ text, mark, alone: text.length < aloneBelow });
    // The longest first: a secret that begins with another one is replaced whole.
    patterns.sort((a, b) => b.text.length - a.text.length);
    this.#byAnchor.set(anchor, patterns);
  }

  /** As `add`, for the value and for each way in which HAR files write it. */
  addValue(value: string, mark: string): void {
    for (const form of writtenForms(value)) this.add(form, mark);
  }

  replaceIn(text: string): string {
    let result = '';
    let copied = 0;
    const end = text.length - anchorLength;
    for (let at = 0; at <= end; at++) {
      if (this.#anchors[hashAt(text, at)] === 0) continue;
      const pattern = this.#patternAt(text, at);
      if (!pattern) continue;
      result += text.slice(copied, at) + pattern.mark;
      copied = at + pattern.text.length;
      at = copied - 1;
    }
    return copied === 0 ? text : result + text.slice(copied);
  }

  #patternAt(text: string, at: number): Pattern | undefined {
    const patterns = this.#byAnchor.get(text.slice(at, at + anchorLength));
    return patterns?.find(
      (pattern) =>
        text.startsWith(pattern.text, at) && (!pattern.alone || standsAlone(text, at, pattern.text)),
    );
  }
}

function hashAt(text: string, at: number): number {
  let hash = text.charCodeAt(at);
  for (let next = at + 1; next < at + anchorLength; next++)
    hash = Math.imul(hash, 31) + text.charCodeAt(next);
  return Math.imul(hash, 0x9e3779b1) >>> 16;
}

function standsAlone(text: string, at: number, pattern: string): boolean {
  const wordBefore = /[A-Za-z0-9]/.test(text[at - 1] ?? '');
  const wordAfter = /[A-Za-z0-9]/.test(text[at + pattern.length] ?? '');
  return !wordBefore && !wordAfter;
}

/** The value itself, and as it stands in URLs, forms, JSON inside strings, HTML and base64. */
function writtenForms(value: string): Set<string> {
  const json = JSON.stringify(value).slice(1, -1);
  const percent = percentEncoded(value);
  const forms = new Set([
    value,
    json,
    json.replaceAll('/', '\\/'),
    JSON.stringify(json).slice(1, -1),
    percent,
    percent.replaceAll('%20', '+'),
    percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    percentEncoded(percent),
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ]);
  if (value.length >= aloneBelow) {
    const bytes = Buffer.from(value);
    forms.add(bytes.toString('base64'));
    forms.add(bytes.toString('base64url'));
  }
  return forms;
}

/** A lone half of a surrogate pair can't be encoded; then the value stands for itself. */
function percentEncoded(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    return value;
  }
}
