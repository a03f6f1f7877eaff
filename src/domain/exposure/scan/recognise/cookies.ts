/** Cookies: which of them are sessions and tokens, and which are clearly no secret. */

import type { Finding } from '../types.ts';
import { type Claims, claimsOf } from './jwt.ts';
import { isPlaceholder } from './placeholders.ts';

/** Cookies of analytics, advertising, consent, balancing and preferences. They open no door. */
const notSecret: readonly RegExp[] = [
  /^_ga(?:$|_)|^_gid$|^_gat|^_gcl_|^__utm|^_dc_gtm_|^FPLC$|^FPID$/i,
  /^_fb[pc]$|^_pin_unauth$|^_tt|^_rdt_uuid$|^_uet[sv]id$|^_scid|^_twpid$|^li_(?:sugr|gc)$|^lidc$|^bcookie$|^UserMatchHistory$|^AnalyticsSyncHistory$|^IDE$|^test_cookie$|^__gads$|^__gpi$|^MUID$/i,
  /^_hj|^_clck$|^_clsk$|^ajs_|^amp_|^amplitude_|^mp_.*mixpanel$|^optimizely|^_vwo|^_vis_opt|^mbox$|^AMCVS?_|^s_(?:cc|sq|vi|fid|nr|ppv)|^_pk_|^__hs|^hubspotutk$|^hubspotutktzo$|^_mkto_trk$|^__qca$|^_dd_s$|^rxVisitor$|^rxvt$|^dtPC$|^dtCookie$|^dtSa$|^_parsely|^_sp_id|^_sp_ses|^_gd_|^intercom-id-|^intercom-device-id-|^_lc2_fpi|^ab\.storage\.deviceId|^cb_/i,
  /consent|^OptanonAlertBoxClosed$|^CookieControl$|^cookielaw|^euconsent|^eupubconsent|^__cmp|^usprivacy$|^notice_(?:preferences|gdpr_prefs|behavior)$|^gdpr|^ccpa/i,
  /^AWSALB|^AWSELB|^ARRAffinity|^BIGipServer|^TS01|^ApplicationGatewayAffinity|^__cf_bm$|^_cfuvid$|^__cfruid$|^__cflb$|^cf_ob_info$|^ak_bmsc$|^bm_s[vz]$|^_abck$|^visid_incap|^nlbi_|^incap_ses/i,
  /csrf|xsrf|antiforgery|requestverificationtoken/i,
  /^(?:lang|language|locale|lng|i18n|django_language|i18next|currency|country|region|theme|color[-_]?mode|color[-_]?scheme|dark[-_]?mode|tz|timezone|time[-_]?zone|tz[-_]?offset|screen|viewport|resolution|dpr|preferred_color_mode|sidebar|layout|returnTo|redirect_to|utm_.*|ref|referrer)$/i,
];

/** Names that say session or sign-in: any value of eight characters counts. */
const secret =
  /sess|sid$|^sid|_sid|-sid|connect\.sid|auth|token|jwt|sso|login|logged|remember|identity|credential|secret|ticket|idp|saml|oidc|oauth|bearer|passport|user_session|crowd|\.aspx|aspnet|^dt$|^DT$|^rt$/i;

/** Values that are settings: truth, numbers, dates, versions, locales, words. */
const plainValue =
  /^(?:true|false|yes|no|on|off|\d{1,20}(?:\.\d+)*|\d{4}-\d\d-\d\d[\w:.+-]*|[a-z]{2}(?:[-_][A-Za-z]{2,4})?|[A-Za-z]+(?:[-_ /][A-Za-z]+)*|v?\d+(?:\.\d+)+|#[0-9a-f]{3,8})$/;

/** Whether the cookie may be a secret. Unknown cookies count when they are long enough to be guessed by nobody. */
export function isSecretCookie(name: string, value: string): boolean {
  if (value.length < 8 || isPlaceholder(value)) return false;
  if (notSecret.some((pattern) => pattern.test(name))) return false;
  if (secret.test(name)) return true;
  return value.length >= 16 && !plainValue.test(value);
}

/** `a=b; c=d` of a Cookie header; offsets are those of the values in `header`. */
export function cookiesOf(header: string): Finding[] {
  const found: Finding[] = [];
  let at = 0;
  for (const part of header.split(';')) {
    const finding = cookieOf(part, at, 'cookie');
    if (finding) found.push(finding);
    at += part.length + 1;
  }
  return found;
}

/** The cookie of each line of a Set-Cookie header (HAR writers join several with a newline). */
export function setCookiesOf(header: string, observedAtMs: number | undefined): Finding[] {
  const found: Finding[] = [];
  let at = 0;
  for (const line of header.split('\n')) {
    const [pair = '', ...attributes] = line.split(';');
    const finding = cookieOf(pair, at, 'set-cookie');
    if (finding)
      found.push({ ...finding, expiresAtMs: finding.expiresAtMs ?? expiry(attributes, observedAtMs) });
    at += line.length + 1;
  }
  return found;
}

function cookieOf(pair: string, at: number, kind: 'cookie' | 'set-cookie'): Finding | undefined {
  const equals = pair.indexOf('=');
  if (equals < 0) return undefined;
  const name = pair.slice(0, equals).trim();
  const raw = pair.slice(equals + 1);
  const value = raw.trim().replace(/^"(.*)"$/, '$1');
  if (!isSecretCookie(name, value)) return undefined;
  const start = at + equals + 1 + raw.indexOf(value);
  return { ...cookieFinding(kind, name, value), start, end: start + value.length };
}

/** The finding for a cookie that is known to be a secret. */
export function cookieFinding(kind: 'cookie' | 'set-cookie', name: string, value: string): Finding {
  const claims: Claims = claimsOf(value) ?? {};
  return { kind, class: 'session', name, value, start: 0, end: value.length, ...claims };
}

function expiry(attributes: readonly string[], observedAtMs: number | undefined): number | undefined {
  for (const attribute of attributes) {
    const age = /^\s*max-age\s*=\s*(-?\d{1,12})\s*$/i.exec(attribute)?.[1];
    if (age !== undefined && observedAtMs !== undefined) return observedAtMs + Number(age) * 1000;
  }
  for (const attribute of attributes) {
    const date = /^\s*expires\s*=\s*(.{1,60})$/i.exec(attribute)?.[1];
    const ms = date === undefined ? Number.NaN : Date.parse(date);
    if (!Number.isNaN(ms)) return ms;
  }
  return undefined;
}
