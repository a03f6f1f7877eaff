/**
 * When the stand-ins have booted: each has an identity of its own for every boot, and is away for a moment when it is
 * asked to restart. It answers the scripts of a restart as a real host would, and runs nothing.
 */
import { createHash } from 'node:crypto';

/** How long a stand-in is away. */
const awayMs = 1_500;

export interface Boot {
  id: string;
  /** Seconds since 1970. */
  at: number;
}

export class Boots {
  /** Milliseconds since 1970 at which those that restarted are there again. */
  readonly #restarted = new Map<string, number>();
  readonly #startedSeconds = Math.floor(Date.now() / 1_000);

  /** Its present boot; `uptimeSeconds` is how long a host had run when the estate was started. */
  of(name: string, uptimeSeconds: number): Boot {
    const back = this.#restarted.get(name);
    const at = back === undefined ? this.#startedSeconds - uptimeSeconds : Math.floor(back / 1_000);
    const hex = createHash('sha256').update(`boot ${name} ${at}`).digest('hex');
    return { at, id: hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') };
  }

  isAway(name: string): boolean {
    return (this.#restarted.get(name) ?? 0) > Date.now();
  }

  /** What a host prints to a script of a restart; undefined when the script is none. */
  answer(name: string, machineId: string, boot: Boot, script: string): string | undefined {
    const asked = /^if \[ "\$now" != '([0-9a-f-]{36})' \]/m.exec(script)?.[1];
    if (asked !== undefined) {
      if (asked !== boot.id) return `already ${boot.id}\n`;
      this.#restarted.set(name, Date.now() + awayMs);
      return 'requested\n';
    }
    if (!/^f boot_id </m.test(script)) return undefined;
    return `boot_id=${boot.id}\nboot_time=${boot.at}\nmachine_id=${machineId}\ncontainer=\nboot_id_of=own\n`;
  }
}
