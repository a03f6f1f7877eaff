/** Gathers what one job finds: each secret once, its first places, and the number of all. */
import { limits } from '../../../kernel/limits.ts';
import type { Finding, Sighted, Sighting } from './types.ts';

export class Sightings {
  readonly #bySecret = new Map<string, Sighted>();

  /** Notes that `finding` stands at `at`. The same secret twice at one place counts once. */
  add(
    finding: Finding,
    at: Pick<Sighting, 'place' | 'entry' | 'line' | 'host' | 'url' | 'observedAtMs'>,
  ): void {
    const known = this.#bySecret.get(finding.value);
    const sighted = known ?? { value: finding.value, carriers: [], sightings: [], places: 0 };
    if (!known) this.#bySecret.set(finding.value, sighted);
    const { carrier } = finding;
    if (
      carrier !== undefined &&
      sighted.carriers.length < limits.scanPlacesPerSecretMax &&
      !sighted.carriers.includes(carrier)
    )
      sighted.carriers.push(carrier);
    if (sighted.sightings.some(({ place }) => place === at.place)) return;
    sighted.places++;
    if (sighted.sightings.length >= limits.scanPlacesPerSecretMax) return;
    const { kind, name, account, issuer, subject, clientId, host, issuedAtMs, expiresAtMs } = finding;
    sighted.sightings.push({
      kind,
      class: finding.class,
      name,
      account,
      issuer,
      subject,
      clientId,
      issuedAtMs,
      expiresAtMs,
      ...at,
      ...(host === undefined ? {} : { host }),
    });
  }

  all(): Sighted[] {
    return [...this.#bySecret.values()];
  }
}
