/** What an artifact is: data that says what is looked at on a host, why, at which cost, and how it is read. */
import { limits } from '../../../kernel/limits.ts';
import { type FileSeen, filesOf, type Row } from '../collector/records.ts';
import type { CostClass, Fact } from '../types.ts';
import { actsOf, traitsOf } from './traits.ts';

export type Platform = 'debian' | 'rhel' | 'alpine';
export const everywhere: readonly Platform[] = ['debian', 'rhel', 'alpine'];

export interface Artifact {
  /** Kebab-case; also the `artifact` of its facts. */
  id: string;
  title: string;
  /** What is read, in a sentence for the responder. */
  what: string;
  /** ATT&CK techniques that leave their marks here. */
  techniques: readonly string[];
  platforms: readonly Platform[];
  cost: CostClass;
  secondsMax: number;
  bytesMax: number;
  /** What is missing when the collector runs without root; absent where nothing is. */
  withoutRoot?: string;
  /** POSIX sh on top of the prelude; prints records. */
  script: string;
  parse(input: ParseInput): Fact[];
}

export interface ParseInput {
  rows: readonly Row[];
  /** Our time when the host's first output arrived. */
  receivedAt: Date | null;
  /** The host's time when the collector began there. */
  startedAt: Date | null;
}

const mib = 1024 * 1024;

/** An artifact with the usual bounds. */
export function artifact(
  parts: Omit<Artifact, 'platforms' | 'cost' | 'secondsMax' | 'bytesMax'> &
    Partial<Pick<Artifact, 'platforms' | 'cost' | 'secondsMax' | 'bytesMax'>>,
): Artifact {
  return { platforms: everywhere, cost: 'light', secondsMax: 15, bytesMax: 4 * mib, ...parts };
}

type FactParts = Pick<Fact, 'artifact' | 'key' | 'value'> & Partial<Fact>;

/** A fact, its texts cut to the limit. */
export function fact(parts: FactParts): Fact {
  const cut = (text: string) => text.slice(0, limits.collectTextCharsMax);
  const detail = Object.entries(parts.detail ?? {})
    .filter(([, text]) => text !== '')
    .map(([name, text]) => [
      name,
      name === 'text' ? text.slice(0, limits.collectFileTextCharsMax) : cut(text),
    ]);
  return {
    technique: '',
    at: null,
    owner: '',
    path: '',
    sha256: '',
    ...parts,
    key: cut(parts.key),
    value: cut(parts.value),
    detail: Object.fromEntries(detail),
  };
}

/** A file as a fact: its path, and its hash, target, or mode and owner. */
export function fileFact(id: string, file: FileSeen, more: Partial<Fact> = {}): Fact {
  const { path, sha256, target, mode, owner } = file;
  return fact({
    artifact: id,
    key: path,
    value: sha256 || (target ? `-> ${target}` : `${mode} ${owner}`),
    at: file.changedAt,
    owner,
    path,
    sha256,
    ...more,
    detail: {
      mode,
      type: file.type,
      bytes: String(file.bytes),
      target,
      modified: file.modifiedAt?.toISOString() ?? '',
      cut: file.cut ? 'yes' : '',
      idle: file.text !== '' && actsOf(file.text).trim() === '' ? 'yes' : '',
      traits: traitsOf(file.text).join(' '),
      text: actsOf(file.text)
        .replace(/\n{2,}/g, '\n')
        .replace(/^\n/, ''),
      ...more.detail,
    },
  });
}

/** An artifact that is a set of files: every file a fact, with the technique that its place is known for. */
export function filesArtifact(
  parts: Omit<Parameters<typeof artifact>[0], 'parse'> & { techniqueOf?: (path: string) => string },
): Artifact {
  const { techniqueOf = () => parts.techniques[0] ?? '', ...rest } = parts;
  return artifact({
    ...rest,
    parse: ({ rows }) =>
      filesOf(rows).map((file) => fileFact(parts.id, file, { technique: techniqueOf(file.path) })),
  });
}
