/** Jobs of cron, of users and of the system. */
import { filesArtifact } from './artifact.ts';

export const cron = filesArtifact({
  id: 'cron',
  title: 'cron',
  what: 'System and user crontabs, cron.d, cron.hourly to monthly, anacron, incron, periodic, as text with hashes.',
  techniques: ['T1053.003'],
  withoutRoot: 'without root the crontabs of users cannot be read',
  script: String.raw`
jobs() { ff /etc/crontab /etc/anacrontab /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly /etc/cron.yearly /etc/crontabs /etc/periodic /etc/incron.d /var/spool/cron /var/spool/incron \( -type f -o -type l \) ! -path '*/atjobs/*' ! -path '*/atspool/*' ! -name .SEQ ! -name .placeholder; }
all jobs
`,
});
