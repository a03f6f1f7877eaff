/** Values that stand where a secret would stand and are none. */

const patterns: readonly RegExp[] = [
  /\[redacted\b|^%5Bredacted%3A|^redacted$|^<redacted|^\(redacted|^__redacted__$/i,
  /^[[(<{]?(?:removed|masked|hidden|filtered|secret|sanitized|scrubbed|omitted|private)[\])>}]$/i,
  // One character repeated: ****, xxxx, ......, ••••.
  /^(.)\1*$/su,
  /^[*xX.•●#_-]+$/u,
  // Templates: ${VAR}, $VAR, {{ var }}, %VAR%, <your-token>, process.env.VAR.
  /^\$\{|^\$[A-Za-z_]\w*$|^\$\([^)]*\)$|^\{\{.*\}\}$|^\{[A-Za-z_][\w.-]*\}$|^%[A-Za-z_]\w*%$|^<[^<>]*>$/s,
  /^(?:process\.env|os\.environ|env\.|secrets\.|vars\.|var\.)/,
  /^(?:null|undefined|none|nil|true|false|n\/a|deleted|empty|required|optional|string|number|boolean|object)$/i,
  /^your[-_ ]/i,
];

/** Whether `value` is empty, a redaction mark, a template or a word that means nothing. */
export function isPlaceholder(value: string): boolean {
  if (value.length === 0) return true;
  // No placeholder is long, and the marks of `--sanitise` stand in longer values too.
  if (value.length > 256) return value.includes('[redacted:');
  return patterns.some((pattern) => pattern.test(value));
}
