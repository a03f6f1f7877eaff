/** docs/collector.md out of the artifacts and rules themselves, so that it can't say what the collector does not do. */
import { artifacts } from '../../src/domain/forensics/artifacts/index.ts';
import { findingScoreLine } from '../../src/domain/forensics/assess/rule.ts';
import { rules } from '../../src/domain/forensics/assess/rules/index.ts';
import { limits } from '../../src/kernel/limits.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');
const cell = (text: string): string => text.replaceAll('|', '\\|');
const link = (technique: string): string =>
  `[${technique}](https://attack.mitre.org/techniques/${technique.replace('.', '/')}/)`;
const mib = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;

export function describeCollector(): string {
  return `# What the collector looks at

<!-- Written by \`npm run gen\` from src/domain/forensics/artifacts and src/domain/forensics/assess/rules. -->

\`triage collect\` feeds one POSIX shell script to \`sh\` over SSH, and \`triage script\` prints it for a host that
cannot be reached. It runs on dash, bash and BusyBox; it needs no more than what a minimal Debian, RHEL or Alpine has.

- It reads. It creates, changes and deletes no file, and installs nothing. It runs at the lowest priority
  and leaves nothing behind. The package manager's own query may touch its lock files (rpm).
- Without root it collects what it can, and each artifact that is not whole says why.
- An artifact has ${limits.collectArtifactSecondsMax} s and ${mib(limits.collectArtifactBytesMax)} at most, most of them less, and up to
  ${limits.collectPatienceMax} times as long where the host is busy or was too slow before; after ${limits.collectHostSecondsMax} s no further one is begun. The
  host in all has ${mib(limits.collectOutputBytesMax)}. What is cut off is called partial, never whole. Files over 64 MiB are not hashed.
- Values of settings that are named like secrets are masked on the host. Of secrets in environment files it sends
  the name and the first 16 digits of SHA-256 over our salt and the value: enough to see that two hosts share one.
  Whoever has salt and mark can test guesses, so treat marks of weak passwords as the passwords.
- A kernel that lies to every program lies to this one too. Compare with an image of the disk, or with what the
  network saw, where you suspect that.

## Artifacts

${table(
  ['artifact', 'what', 'cost', 'without root', 'ATT&CK'],
  artifacts.map(({ id, what, cost, withoutRoot, techniques }) => [
    `\`${id}\``,
    what,
    cost,
    withoutRoot?.replace(/^without root /, '') ?? 'the same',
    techniques.map(link).join(' '),
  ]),
)}

## What is named on one host

From a score of ${findingScoreLine} on a finding is named. What is common among the host's siblings, and what a known-good host has
too, is told apart by \`triage stack\`.

${table(
  ['rule', 'title', 'artifact', 'ATT&CK'],
  rules.map(({ id, title, artifact, technique }) => [`\`${id}\``, title, `\`${artifact}\``, link(technique)]),
)}
`;
}
