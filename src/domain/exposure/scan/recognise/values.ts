/** Which values of a field with a secret's name are believable secrets. */
import type { CredentialClass } from '../../../../connectors/contract.ts';
import { isPlaceholder } from './placeholders.ts';

/** Labels and types that stand as values beside a secret's name in programs, forms and schemas. */
const labels =
  /^(?:password|passwort|passcode|pwd|secret|token|text|hidden|basic|bearer|digest|plain|oauth2?|jwt|key|api[ _-]?key|access[ _-]?token|refresh[ _-]?token|id[ _-]?token|credentials?|include|same-origin|omit|password_hash|current-password|new-password|authorization|header|query|cookie|default|auto|disabled|enabled|expired|invalid|missing|changed|unknown)$/i;

/** Text for people: words with spaces and no digit. */
const sentence = /^[\p{L}'’.,:;!?()-]+(?:\s+[\p{L}'’.,:;!?()-]+)+$/u;

/** A path of a program such as `config.auth.token`, a URL without user information, a file path, the scope of a signature. */
const reference =
  /^(?:[A-Za-z_$]+(?:\.[A-Za-z_$]+)+(?:\(.*)?|https?:\/\/[^@]*|\.{0,2}\/[\w./-]*|.*\/aws4_request)$/;

/** Whether `value` is a piece of a program that refers to a secret. */
export const isReference = (value: string): boolean => reference.test(value) || /[({[]/.test(value);

/** Whether `value`, quoted after the name of a secret of `secretClass`, may be that secret. Generous: a miss is worse. */
export function isBelievable(value: string, secretClass: CredentialClass): boolean {
  if (
    value.length < 4 ||
    isPlaceholder(value) ||
    /\$\{|\{\{/.test(value) ||
    labels.test(value) ||
    sentence.test(value)
  )
    return false;
  if (secretClass === 'password') return !/^(?:https?:\/\/|<[a-z/])/i.test(value);
  if (value.length < 8 || /\s/.test(value) || reference.test(value)) return false;
  return looksMade(value);
}

/** Whether `value` looks generated rather than written: digits among the letters, or simply long. */
export function looksMade(value: string): boolean {
  if (value.length >= 24) return true;
  return /\d/.test(value) || (/[a-z]/.test(value) && /[A-Z]/.test(value) && value.length >= 16);
}
