/** Jobs and units that run by themselves: cron, at, systemd, rc and init scripts. */
import type { Fact } from '../../types.ts';
import type { HostView } from '../host-view.ts';
import { hasTraits, isHidden, isTemporary, type Judgement, type Rule, withTraits } from '../rule.ts';

/** Made by the system itself, the same on every host that has it. */
const generated =
  /^\/run\/systemd\/(generator|transient)|\/etc\/systemd\/(system|user)\/[^/]+\.(wants|requires)\//;

export const scheduledRules: readonly Rule[] = [
  {
    id: 'cron-job',
    title: 'A cron job that no package brought',
    technique: 'T1053.003',
    artifact: 'cron',
    judge: (fact, host) => foreign(fact, host, 55, 'runs from cron'),
  },
  {
    id: 'at-job',
    title: 'A job waits in at',
    technique: 'T1053.002',
    artifact: 'at',
    // Every job of at begins with its own environment, so only what it runs is judged.
    judge: (fact) => withTraits(fact, 55, `${fact.path} of ${fact.owner} will run once`),
  },
  {
    id: 'systemd-unit',
    title: 'A unit of systemd that no package brought',
    technique: 'T1543.002',
    artifact: 'systemd',
    judge: judgeUnit,
  },
  {
    id: 'boot-script',
    title: 'A script that starts with the machine, of no package',
    technique: 'T1037.004',
    artifact: 'boot-scripts',
    judge: (fact, host) => {
      if (/^\/etc\/(default|sysconfig|conf\.d)\//.test(fact.path))
        return hasTraits(fact) ? foreign(fact, host, 35, 'is read when services start') : undefined;
      // Run levels are links to init scripts.
      if (/^\/etc\/(rc\.d\/)?(rc[0-6S]\.d|runlevels)\//.test(fact.path)) return undefined;
      if (host.stateOf(fact.path) === 'unknown' && !/rc\.local$|local\.d\//.test(fact.path)) return undefined;
      return foreign(fact, host, 55, 'runs when the machine starts', true);
    },
  },
];

/** A file of no package; a changed one counts by its traits. */
function foreign(
  fact: Fact,
  host: HostView,
  score: number,
  does: string,
  unknownToo = false,
): Judgement | undefined {
  const state = host.stateOf(fact.path);
  if (fact.detail.idle === 'yes' || fact.detail.target === '/dev/null') return undefined;
  if (state === 'changed' && hasTraits(fact))
    return withTraits(fact, 40, `${fact.path} ${does} and was changed`);
  const counts =
    state === 'unpackaged' || (unknownToo && state === 'unknown') || /^\/var\/spool\//.test(fact.path);
  if (!counts) return undefined;
  return withTraits(fact, score, `${fact.path} ${does} and belongs to no package`);
}

function judgeUnit(fact: Fact, host: HostView): Judgement | undefined {
  const { path } = fact;
  if (fact.detail.type === 'symbolic link') return judgeLink(fact);
  if (generated.test(path)) return undefined;
  if (host.stateOf(path) === 'packaged' || host.stateOf(path) === 'unknown') return undefined;
  const text = fact.detail.text ?? '';
  const acts = /^\s*(Exec\w+|OnCalendar|On\w+Sec|Environment\w*|ListenStream)\s*=/m.test(text);
  const kind = kindOf(path);
  const technique = kind === 'timer' ? 'T1053.006' : 'T1543.002';
  const why = `${path}: a ${kind} that belongs to no package`;
  if (kind === 'generator')
    return { ...withTraits(fact, 70, `${why}; it runs before any unit starts`), technique };
  if (kind === 'hook')
    return { ...withTraits(fact, 60, `${why}; it runs when the machine goes down or sleeps`), technique };
  if (kind === 'drop-in' && acts)
    return { ...withTraits(fact, 60, `${why} and changes what a unit runs`), technique };
  if (kind === 'service' || kind === 'timer' || (kind === 'unit' && acts))
    return { ...withTraits(fact, 55, why), technique };
  return { ...withTraits(fact, 30, why), technique };
}

/** A unit may be a link to a file anywhere: `systemctl link` makes one. */
function judgeLink({ path, detail }: Fact): Judgement | undefined {
  const target = detail.target ?? '';
  const usual = /^(\/dev\/null|\/(usr\/)?lib\/systemd\/|\/etc\/systemd\/|\/run\/systemd\/|\/usr\/share\/)/;
  if (
    !target.startsWith('/') ||
    usual.test(target) ||
    !/\.(service|timer|socket|path|mount|target)$/.test(path)
  )
    return undefined;
  const score = isTemporary(target) || isHidden(target) ? 88 : 57;
  return { score, why: `${path} is a unit that stands at ${target}` };
}

function kindOf(path: string): string {
  if (/-generators\//.test(path)) return 'generator';
  if (/-(shutdown|sleep)\//.test(path)) return 'hook';
  if (/\.timer(\.d\/|$)/.test(path)) return 'timer';
  if (/\.d\/[^/]+\.conf$/.test(path)) return 'drop-in';
  return path.endsWith('.service') ? 'service' : 'unit';
}
