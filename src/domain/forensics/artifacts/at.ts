/** Jobs that at and batch will run once. */
import { filesArtifact } from './artifact.ts';

export const at = filesArtifact({
  id: 'at',
  title: 'at',
  what: 'Jobs waiting in the spool of at and batch, as text.',
  techniques: ['T1053.002'],
  withoutRoot: 'without root the jobs of at cannot be read',
  script: String.raw`
all ff /var/spool/cron/atjobs /var/spool/at /var/spool/atjobs -type f ! -name .SEQ ! -path '*/spool/at/spool/*'
`,
});
