/**
 * All secrets in one entry of a HAR file. The places where HTTP carries credentials are read by their own
 * rules; every other string, those of unknown fields too, is scanned as text.
 */
import { isUtf8 } from 'node:buffer';
import { printable } from '../../../kernel/text.ts';
import { cookieFinding, isSecretCookie } from './recognise/cookies.ts';
import { headerFindings } from './recognise/headers.ts';
import { secretName } from './recognise/names.ts';
import { describeUrl, pairFindings, parameterFinding, urlFindings } from './recognise/urls.ts';
import { isBelievable } from './recognise/values.ts';
import { scanText } from './scan-text.ts';
import type { Sightings } from './sightings.ts';
import type { Finding } from './types.ts';

type Json = Record<string, unknown>;
type Side = 'request' | 'response';

/** Where the entry stands in its file: its number from 1 and the line it begins on. */
interface EntryPosition {
  number: number;
  line: number;
}

/** Scans `entry`. Gives the number of its members (keys) so that the caller can tell duplicate keys. */
export function scanEntry(entry: Json, position: EntryPosition, into: Sightings): { members: number } {
  return new EntryScan(entry, position, into).run();
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class EntryScan {
  readonly #entry: Json;
  readonly #position: EntryPosition;
  readonly #into: Sightings;
  readonly #url: string | undefined;
  readonly #observedAtMs: number | undefined;
  #described: { host?: string; url?: string } | undefined;
  #members = 0;

  constructor(entry: Json, position: EntryPosition, into: Sightings) {
    this.#entry = entry;
    this.#position = position;
    this.#into = into;
    const url = isObject(entry.request) ? entry.request.url : undefined;
    this.#url = typeof url === 'string' ? url : undefined;
    const startedMs =
      typeof entry.startedDateTime === 'string' ? Date.parse(entry.startedDateTime) : Number.NaN;
    this.#observedAtMs = Number.isNaN(startedMs) ? undefined : startedMs;
  }

  run(): { members: number } {
    for (const [key, value] of this.#each(this.#entry)) {
      if ((key === 'request' || key === 'response') && isObject(value)) this.#message(key, value);
      else this.#visit(value, printable(key, 40));
    }
    return { members: this.#members };
  }

  #each(object: Json): [string, unknown][] {
    const members = Object.entries(object);
    this.#members += members.length;
    return members;
  }

  #message(side: Side, message: Json): void {
    for (const [key, value] of this.#each(message)) {
      if (key === 'url' || key === 'redirectURL')
        this.#address(value, side === 'request' ? 'url' : 'redirect url');
      else if (key === 'headers')
        this.#pairs(value, `${side} header`, (name, text) => this.#header(name, text));
      else if (key === 'cookies')
        this.#pairs(value, `${side} cookie`, (name, text) => this.#cookie(side, name, text));
      else if (key === 'queryString')
        this.#pairs(value, `${side} query`, (name, text) => this.#field('url-parameter', name, text));
      else if ((key === 'postData' || key === 'content') && isObject(value)) this.#body(side, value);
      else this.#visit(value, `${side} ${printable(key, 40)}`);
    }
  }

  #address(value: unknown, place: string): void {
    if (typeof value === 'string') this.#addAll(urlFindings(value), place);
    this.#visit(value, place);
  }

  /** A list of `{name, value}`: each by `read`, and what that does not know as text. */
  #pairs(value: unknown, place: string, read: (name: string, value: string) => Finding[]): void {
    for (const pair of Array.isArray(value) ? value : [value]) {
      if (!isObject(pair) || typeof pair.name !== 'string' || typeof pair.value !== 'string') {
        this.#visit(pair, place);
        continue;
      }
      const found = read(pair.name, pair.value);
      const rest = scanText(found.length === 0 ? pair.value : without(pair.value, found));
      // Most pairs hold no secret, so the place is put into words only where one does.
      if (found.length + rest.length > 0)
        this.#addAll([...found, ...rest], `${place} ${printable(pair.name, 60)}`);
      for (const [key, other] of this.#each(pair))
        if (key !== 'name' && key !== 'value') this.#visit(other, place);
    }
  }

  #header(name: string, value: string): Finding[] {
    return headerFindings(name, value, this.#observedAtMs);
  }

  #cookie(side: Side, name: string, value: string): Finding[] {
    return isSecretCookie(name, value)
      ? [cookieFinding(side === 'request' ? 'cookie' : 'set-cookie', name, value)]
      : [];
  }

  #field(kind: 'url-parameter' | 'form-field', name: string, value: string): Finding[] {
    const finding = parameterFinding(kind, name, value, (this.#url ?? '').includes('state='));
    return finding ? [finding] : [];
  }

  #body(side: Side, body: Json): void {
    const place = `${side} body`;
    const mime = typeof body.mimeType === 'string' ? body.mimeType.toLowerCase() : '';
    for (const [key, value] of this.#each(body)) {
      if (key === 'params')
        this.#pairs(value, `${place} field`, (name, text) => this.#field('form-field', name, text));
      else if (key === 'text' && typeof value === 'string')
        this.#bodyText(bodyText(value, body.encoding, mime), mime, place);
      else if (key !== 'mimeType') this.#visit(value, place);
    }
  }

  #bodyText(text: string, mime: string, place: string): void {
    if (mime.includes('urlencoded')) this.#addAll(pairFindings(text, 0, 'form-field'), place);
    if (mime.includes('multipart')) this.#addAll(multipartFindings(text), place);
    this.#text(text, place);
  }

  #visit(value: unknown, place: string): void {
    if (typeof value === 'string') this.#text(value, place);
    else if (Array.isArray(value)) for (const item of value) this.#visit(item, place);
    else if (isObject(value)) this.#fields(value, place);
  }

  #fields(object: Json, place: string): void {
    if (typeof object.name === 'string' && typeof object.value === 'string')
      this.#addAll(namedValue(object.name, object.value), place);
    for (const [key, item] of this.#each(object)) {
      if (typeof item === 'string') this.#addAll(namedValue(key, item), place);
      this.#visit(item, place);
    }
  }

  #text(text: string, place: string): void {
    this.#addAll(scanText(text), place);
  }

  #addAll(found: readonly Finding[], place: string): void {
    for (const finding of found) {
      const { number: entry, line } = this.#position;
      this.#described ??= this.#describe();
      const at = {
        place: `entry ${entry} ${place}`,
        entry,
        line,
        observedAtMs: this.#observedAtMs,
        ...this.#described,
      };
      this.#into.add(finding, at);
    }
  }

  /** The URL as hits show it. What its path itself gives away is taken out. */
  #describe(): { host?: string; url?: string } {
    const described = this.#url === undefined ? {} : describeUrl(this.#url);
    if (described.url === undefined) return described;
    const url = scanText(described.url).reduce(
      (text, { value }) => text.replaceAll(value, '[secret]'),
      described.url,
    );
    return { ...described, url };
  }
}

/** `text` with blanks where `found` stands, so that nothing is read twice. */
function without(text: string, found: readonly Finding[]): string {
  return found.reduce(
    (rest, { start, end }) => rest.slice(0, start) + ' '.repeat(end - start) + rest.slice(end),
    text,
  );
}

function namedValue(name: string, value: string): Finding[] {
  const secretClass = secretName(name);
  if (secretClass === undefined || !isBelievable(value, secretClass)) return [];
  return [
    { kind: 'json-field', class: secretClass, name: printable(name, 80), value, start: 0, end: value.length },
  ];
}

/** Media that no one reads as text; their bytes are noise to the recognisers. */
const media = /^(?:image\/(?!svg)|audio\/|video\/|font\/|application\/(?:font|x-font|vnd\.ms-fontobject))/;

/** The text of a body, base64 undone. Empty for media. */
function bodyText(text: string, encoding: unknown, mime: string): string {
  if (encoding !== 'base64') return text;
  const bytes = Buffer.from(text, 'base64');
  // What calls itself an image and is plain text is read all the same.
  if (media.test(mime) && bytes.subarray(0, 512).some((byte) => byte === 0 || byte >= 128)) return '';
  return decodeBody(bytes).text;
}

/** Bytes as UTF-8 where they are that, otherwise one character a byte, so that they can be written back unchanged. */
export function decodeBody(bytes: Buffer): { text: string; charset: 'utf8' | 'latin1' } {
  const charset = isUtf8(bytes) ? 'utf8' : 'latin1';
  return { text: bytes.toString(charset), charset };
}

function multipartFindings(text: string): Finding[] {
  const found: Finding[] = [];
  const part =
    /\bname="([^"\r\n]{1,128})"[^\r\n]{0,500}\r?\n(?:[^\r\n]{1,500}\r?\n){0,10}\r?\n([^\r\n]{4,16384})/g;
  for (const match of text.matchAll(part)) {
    const [whole, name = '', value = ''] = match;
    const finding = parameterFinding('form-field', name, value, false);
    const end = match.index + whole.length;
    if (finding) found.push({ ...finding, start: end - value.length, end });
  }
  return found;
}
