/** What a scan reports, and what its parts hand to each other. */
import type { CredentialClass } from '../../../connectors/contract.ts';
import type { Fingerprint, Fingerprinter } from '../../../kernel/hash.ts';
import type { Secret } from '../../../kernel/secret.ts';

/** How a secret was recognised. The `secretlint:` kinds are the rules of secretlint's recommended preset. */
export const hitKinds = [
  'cookie',
  'set-cookie',
  'authorization-basic',
  'authorization-bearer',
  'api-key-header',
  'url-parameter',
  'url-userinfo',
  'jwt',
  'saml-assertion',
  'form-field',
  'json-field',
  'assignment',
  'secretlint:1password',
  'secretlint:anthropic',
  'secretlint:aws',
  'secretlint:gcp',
  'secretlint:github',
  'secretlint:linear',
  'secretlint:npm',
  'secretlint:openai',
  'secretlint:privatekey',
  'secretlint:sendgrid',
  'secretlint:shopify',
  'secretlint:slack',
] as const;
export type HitKind = (typeof hitKinds)[number];

/** What is known of a secret beside its value. None of it holds the value. */
interface HitFacts {
  kind: HitKind;
  class: CredentialClass;
  /** The cookie, header, parameter or field. */
  name?: string;
  /** User of basic authentication or of a URL, subject of a token or an assertion. */
  account?: string;
  /** `iss` of a JWT, Issuer of a SAML assertion. */
  issuer?: string;
  /** `sub` of a JWT, NameID of a SAML assertion. */
  subject?: string;
  /** `client_id` or `azp` of a JWT. */
  clientId?: string;
}

/** One secret at one place. */
export interface Hit extends HitFacts {
  /** The file as it was given; members of archives follow `!/`. Control characters are made visible. */
  file: string;
  /** `entry 12 request header authorization`, `line 40`. */
  place: string;
  /** Number of the HAR entry, from 1. */
  entry?: number;
  /** Line of a text file, or the line on which the HAR entry begins; from 1. */
  line?: number;
  /** The host that the secret is for: the one it names itself, or else that of the URL it was sent to or came from. */
  host?: string;
  /** Scheme, host and path; never user information, parameters or fragment. */
  url?: string;
  issuedAt?: Date;
  expiresAt?: Date;
  /** `startedDateTime` of the HAR entry. */
  observedAt?: Date;
  fingerprint: Fingerprint;
  /** In how many places of this file the secret stands; only the first few of them are hits. */
  places: number;
  /** For sealing. Everything else goes by the fingerprint. */
  secret: Secret;
}

/** What could not be read. The scan goes on after it. */
export interface ScanError {
  file: string;
  line?: number;
  entry?: number;
  message: string;
}

/** How the content of a file was taken. */
export type FileFormat = 'har' | 'text' | 'gzip' | 'zip' | 'tar' | 'binary' | 'other';

export type ScanEvent =
  | { type: 'hit'; hit: Hit }
  | ({ type: 'error' } & ScanError)
  /** A file is finished. `skipped` says why its content was not scanned. Members of archives have events of their own. */
  | { type: 'file'; file: string; format: FileFormat; bytes: number; hits: number; skipped?: string }
  | { type: 'progress'; bytesDone: number; bytesTotal: number; filesDone: number };

export interface ScanOptions {
  fingerprinter: Fingerprinter;
  signal: AbortSignal;
  /** Worker threads; 0 scans in this thread. By default as many as there are cores, and 0 when there is little to read. */
  threads?: number;
  /** Names of files or folders that are left out wherever they stand; `*` matches any characters. */
  exclude?: readonly string[];
}

/**
 * A secret inside one string, before it has a place. `value` is plain text because findings cross threads,
 * where a `Secret` can't go; the main thread wraps it as soon as it arrives.
 */
export interface Finding extends HitFacts {
  value: string;
  /** The text to replace when the value does not stand there as it is: an encoded form of it. */
  carrier?: string;
  /** The host that the secret itself names, as in a connection string. */
  host?: string;
  /** Offsets in the scanned string, of the value or its carrier. */
  start: number;
  end: number;
  issuedAtMs?: number;
  expiresAtMs?: number;
}

/** A finding with its place, without the value. */
export interface Sighting extends HitFacts {
  place: string;
  entry?: number;
  /** From 1, counted from the first line of the job's bytes for text. */
  line?: number;
  host?: string;
  url?: string;
  issuedAtMs?: number;
  expiresAtMs?: number;
  observedAtMs?: number;
}

/** One secret and where it was seen: the first places, and the number of all. */
export interface Sighted {
  value: string;
  carriers: string[];
  sightings: Sighting[];
  places: number;
}
