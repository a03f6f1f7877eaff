/** Files that are open and gone from the disk: what a running program still has of them. */
import { linkOf } from '../collector/records.ts';
import { artifact, fact } from './artifact.ts';

export const openDeleted = artifact({
  id: 'open-deleted',
  title: 'Open deleted files',
  what: 'Deleted files and files in memory that a process holds open, with the process.',
  techniques: ['T1070.004', 'T1620'],
  withoutRoot: 'without root the open files of other users’ processes cannot be seen',
  script: String.raw`
find /proc/[0-9]*/fd -maxdepth 1 -type l -print0 2>/dev/null | xargs -0 -r stat -c "$N$TAB""fd$TAB%N" 2>/dev/null | grep -E '\(deleted\)|memfd:' | head -n 5000
stat -c "$N$TAB""exe$TAB%N" /proc/[0-9]*/exe 2>/dev/null
`,
  parse: ({ rows }) => {
    const exes = new Map(
      rows
        .filter(({ tag }) => tag === 'exe')
        .map(({ text }) => {
          const [path, target] = linkOf(text);
          return [path.split('/')[2] ?? '', target];
        }),
    );
    return rows.flatMap(({ tag, text }) => {
      if (tag !== 'fd') return [];
      const [link, target] = linkOf(text);
      const pid = link.split('/')[2] ?? '';
      const path = target.replace(/ \(deleted\)$/, '');
      // Numbers in temporary names are chance.
      const key = `${path.replace(/\d+/g, '#')} by ${exes.get(pid) ?? 'unknown'}`;
      const technique = path.includes('memfd:') ? 'T1620' : 'T1070.004';
      const detail = { pid, exe: exes.get(pid) ?? '' };
      return [fact({ artifact: 'open-deleted', key, value: 'open', technique, path, detail })];
    });
  },
});
