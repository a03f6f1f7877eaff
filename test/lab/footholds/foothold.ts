/** What a foothold is, for the proof of sight. */

export interface Foothold {
  name: string;
  /** sh, run as root in the host. */
  plant: string;
  /** What is collected for it. */
  artifacts: readonly string[];
  /** The rule that must name it, with this technique. */
  rule: string;
  technique: string;
  /** What the finding must speak of. */
  about: RegExp;
}

/** Waits until a process started in the background runs its own program. */
export const settle = 'sleep 0.3';
