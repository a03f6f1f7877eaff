/** A collection as the rules look at it: facts by artifact, and what is known of a path. */
import { neverPackaged, packagedPlaces } from '../artifacts/unpackaged.ts';
import type { Collected, Fact } from '../types.ts';

type PackageState = 'packaged' | 'unpackaged' | 'changed' | 'unknown';

export class HostView {
  readonly #byArtifact = new Map<string, Fact[]>();
  readonly #unpackaged: Set<string>;
  readonly #changed: Map<string, string>;
  readonly #ownershipKnown: boolean;

  constructor({ facts, artifacts }: Pick<Collected, 'facts' | 'artifacts'>) {
    for (const fact of facts) {
      const list = this.#byArtifact.get(fact.artifact);
      if (list) list.push(fact);
      else this.#byArtifact.set(fact.artifact, [fact]);
    }
    const listed = this.of('unpackaged');
    this.#unpackaged = new Set(listed.map(({ path }) => path).filter(Boolean));
    // A list that is cut off would call packaged what it did not get to.
    const whole = artifacts.some(
      ({ artifact, truncated, why }) => artifact === 'unpackaged' && !truncated && why === '',
    );
    this.#ownershipKnown = whole && listed.some(({ detail }) => detail.kind === 'known');
    this.#changed = new Map(
      this.of('package-verify').flatMap(({ path, detail }) =>
        [path, twinOf(path)].map((name): [string, string] => [name, detail.change ?? '']),
      ),
    );
  }

  of(artifact: string): readonly Fact[] {
    return this.#byArtifact.get(artifact) ?? [];
  }

  /** Whose a file is. `unknown` where the host has no package manager, or packages may have files there unlisted. */
  stateOf(path: string): PackageState {
    const change = this.#changed.get(path);
    if (change === 'changed' || change === 'setting') return 'changed';
    if (neverPackaged.test(path) || this.#unpackaged.has(path)) return 'unpackaged';
    if (!this.#ownershipKnown || !packagedPlaces.some((place) => place.test(path))) return 'unknown';
    return this.#unpackaged.has(twinOf(path)) ? 'unpackaged' : 'packaged';
  }

  isForeign(path: string): boolean {
    return this.stateOf(path) === 'unpackaged';
  }
}

/** On a machine with merged /usr both names are the same file. */
const twinOf = (path: string): string => (path.startsWith('/usr/') ? path.slice(4) : `/usr${path}`);
