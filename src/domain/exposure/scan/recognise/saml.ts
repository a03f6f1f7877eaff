/** SAML responses and assertions: base64, deflated or plain XML; who issued them, for whom, until when. */
import { inflateRawSync } from 'node:zlib';
import { limits } from '../../../../kernel/limits.ts';
import { printable } from '../../../../kernel/text.ts';
import type { Finding } from '../types.ts';

/** Names of the form fields and parameters that carry an assertion. */
export const samlFields = /^(?:SAMLResponse|SAMLAssertion|wresult)$/i;

const assertion = /<(?:[\w-]+:)?(?:Assertion|EncryptedAssertion|Response)[\s>]/;

type SamlFacts = Pick<Finding, 'account' | 'issuer' | 'subject' | 'expiresAtMs'>;

/** What the assertion in `value` says, or nothing when there is none. */
export function samlFacts(value: string): SamlFacts | undefined {
  const xml = value.trimStart().startsWith('<') ? value : decodeSaml(value);
  if (xml === undefined || !assertion.test(xml)) return undefined;
  const subject = element(xml, 'NameID');
  const until =
    /<(?:[\w-]+:)?Conditions[^>]*\sNotOnOrAfter="([^"]{1,40})"/.exec(xml) ??
    /\sNotOnOrAfter="([^"]{1,40})"/.exec(xml);
  const expiresAtMs = until?.[1] === undefined ? Number.NaN : Date.parse(until[1]);
  return {
    issuer: element(xml, 'Issuer'),
    subject,
    account: subject,
    expiresAtMs: Number.isNaN(expiresAtMs) ? undefined : expiresAtMs,
  };
}

/** The XML inside base64 or deflated base64 (the redirect binding). */
function decodeSaml(value: string): string | undefined {
  const compact = value.replace(/\s+/g, '');
  if (compact.length < 64 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(compact)) return undefined;
  const bytes = Buffer.from(compact, 'base64');
  const plain = bytes.toString('utf8');
  if (plain.trimStart().startsWith('<')) return plain;
  try {
    return inflateRawSync(bytes, { maxOutputLength: limits.scanSamlBytesMax }).toString('utf8');
  } catch {
    return undefined;
  }
}

function element(xml: string, name: string): string | undefined {
  const match = new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^>]*)?>([^<]{1,1000})<`).exec(xml);
  return match?.[1] === undefined ? undefined : printable(match[1].trim());
}

/** Assertions that stand in `text` as XML. */
export function plainAssertions(text: string): Finding[] {
  const found: Finding[] = [];
  const open = /<((?:[\w-]{1,40}:)?)Assertion[\s>]/g;
  for (let match = open.exec(text); match; match = open.exec(text)) {
    const close = `</${match[1] ?? ''}Assertion>`;
    const closeAt = text.indexOf(close, open.lastIndex);
    if (closeAt < 0) break;
    const end = closeAt + close.length;
    const value = text.slice(match.index, end);
    found.push({
      kind: 'saml-assertion',
      class: 'session',
      value,
      start: match.index,
      end,
      ...samlFacts(value),
    });
    open.lastIndex = end;
  }
  return found;
}
