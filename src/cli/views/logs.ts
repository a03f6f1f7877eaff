/** Logs as people read them: what was read, what could not be, and what may be claimed from it. */
import type { LogCoverageResult, LogIngestResult, LogSourceList } from '../../api/contract.ts';
import { plural } from '../../kernel/text.ts';
import { bytes, duration, moment, number } from '../format.ts';
import { bad, bold, type Cell, dim, good, type Paper, type Toned, warn } from '../paper.ts';

const shownMax = 50;
/** Files of one ingest, and doubts of one source: there may be thousands. */
const filesMax = 12;
const doubtsMax = 4;

const columns = (...titles: string[]) => titles.map((title) => ({ title }));

function more(paper: Paper, shown: number, total: number): void {
  if (total > shown) paper.line(dim(`  and ${number(total - shown)} more`));
}

export function printIngest(paper: Paper, result: LogIngestResult): void {
  const { totals, files, failed, failedTotal, emptyTotal } = result;
  paper.line(
    bold(plural(totals.events, 'event')),
    ` and ${plural(totals.rejects, 'reject')} of ${plural(totals.files, 'file')} (${bytes(totals.bytes)}) are in the lake`,
  );
  if (totals.already > 0)
    paper.line(dim(`  ${plural(totals.already, 'file was', 'files were')} there before`));
  if (emptyTotal > 0) paper.line(dim(`  ${plural(emptyTotal, 'file')} without any record`));
  if (files.length > 0) {
    paper.space();
    const rows = files
      .slice(0, filesMax)
      .map((file) => [
        file.path,
        file.source,
        file.host,
        file.events,
        file.rejects > 0 ? warn(number(file.rejects)) : '0',
        moment(file.first),
        moment(file.last),
        file.fileId.slice(0, 12),
      ]);
    paper.table(columns('file', 'source', 'host', 'events', 'rejects', 'first', 'last', 'sha-256'), rows);
    more(paper, rows.length, totals.files);
  }
  const grown = files.filter(({ grownFrom }) => grownFrom !== null);
  if (grown.length > 0) paper.heading('Read in part before');
  for (const { path, grownFrom } of grown.slice(0, filesMax))
    paper.line(
      `  ${path}: its first ${plural(grownFrom?.records ?? 0, 'record')} are in the lake by ${grownFrom?.path}`,
    );
  more(paper, filesMax, grown.length);
  const rejected = files.filter(({ rejects }) => rejects > 0);
  if (rejected.length > 0) {
    paper.heading('Records that are no events');
    for (const { path, reasons } of rejected.slice(0, shownMax))
      for (const { reason, records, line } of reasons)
        paper.line('  ', warn(plural(records, 'record')), `  ${path}:${line}: ${reason}`);
    more(paper, shownMax, rejected.length);
  }
  if (failedTotal === 0) return;
  paper.heading(`${plural(failedTotal, 'file')} not read`);
  for (const { path, reason } of failed.slice(0, shownMax))
    paper.line('  ', bad('not read'), `  ${path}: ${reason}`);
  more(paper, shownMax, failedTotal);
}

export function printSources(paper: Paper, { sources, files, filesTotal, interrupted }: LogSourceList): void {
  paper.table(
    columns('source', 'what', 'files', 'events', 'rejects', 'documented at'),
    sources.map((one) => [
      one.files > 0 ? bold(one.id) : one.id,
      one.title,
      one.files,
      one.events,
      one.rejects > 0 ? warn(number(one.rejects)) : '0',
      one.docs,
    ]),
  );
  if (filesTotal > 0) {
    paper.heading(plural(filesTotal, 'file'));
    const rows = files
      .slice(0, shownMax)
      .map((file) => [
        file.path,
        file.source,
        file.events,
        file.rejects,
        moment(file.first),
        moment(file.last),
      ]);
    paper.table(columns('file', 'source', 'events', 'rejects', 'first', 'last'), rows, '  ');
    more(paper, rows.length, filesTotal);
  }
  printInterrupted(paper, interrupted);
}

function printInterrupted(paper: Paper, interrupted: LogSourceList['interrupted']): void {
  if (interrupted.length === 0) return;
  paper.heading('Not read to the end: ingest them again');
  for (const { path, source } of interrupted.slice(0, shownMax))
    paper.line('  ', bad('begun'), `  ${path} (${source})`);
  more(paper, shownMax, interrupted.length);
}

const verdicts: Record<'full' | 'partial' | 'none', Toned> = {
  full: good('full'),
  partial: warn('partial'),
  none: bad('none'),
};

const says: Record<'full' | 'partial' | 'none', string> = {
  full: 'what happened there was logged, as far as its rhythm shows',
  partial: 'what is not seen can not be ruled out',
  none: 'nothing can be said',
};

export function printLogCoverage(paper: Paper, result: LogCoverageResult): void {
  paper.line(bold('What can be claimed'), ` of ${moment(result.period.from)} to ${moment(result.period.to)}`);
  if (result.claims.length === 0)
    paper.line('  ', bad('nothing:'), ' no log was ingested (firebreak logs ingest PATH)');
  else paper.line('  ', summaryOf(result.claims)).space();
  for (const claim of result.claims) printClaim(paper, claim);
  if (result.hosts.length > 0) {
    paper.heading('What each host logged');
    const rows = result.hosts
      .slice(0, shownMax)
      .map((host) => [
        host.source,
        host.host,
        host.events,
        moment(host.first),
        moment(host.last),
        host.gapsTotal,
        host.holesTotal,
        host.skew === null
          ? null
          : `${duration(host.skew.median / 1_000)}, at most ${duration(host.skew.max / 1_000)}`,
      ]);
    paper.table(
      columns('source', 'host', 'events', 'first', 'last', 'gaps', 'holes', 'written later by'),
      rows,
      '  ',
    );
    more(paper, rows.length, result.hostsTotal);
  }
  if (result.rejected.length > 0) {
    paper.heading('Files with records that are no events');
    for (const { path, rejects, records } of result.rejected.slice(0, shownMax))
      paper.line('  ', warn(number(rejects)), `  of ${number(records)} in ${path}`);
    more(paper, shownMax, result.rejected.length);
  }
  printInterrupted(paper, result.interrupted);
}

/** `8 sources: 1 of which nothing can be said, 5 in part, 2 in full; the least covered first.` */
function summaryOf(claims: LogCoverageResult['claims']): string {
  const of = (wanted: string) => claims.filter(({ verdict }) => verdict === wanted).length;
  const parts = [
    [of('none'), 'of which nothing can be said'],
    [of('partial'), 'in part'],
    [of('full'), 'in full'],
  ] as const;
  const said = parts.filter(([some]) => some > 0).map(([some, words]) => `${number(some)} ${words}`);
  return `${plural(claims.length, 'source')}: ${said.join(', ')}${claims.length > 1 ? '; the least covered first' : ''}.`;
}

function printClaim(paper: Paper, claim: LogCoverageResult['claims'][number]): void {
  const { source, verdict, events, coveredShare, doubts, doubtsTotal } = claim;
  const share =
    verdict === 'partial' ? `, ${percentCovered(coveredShare)} of the time without a silence` : '';
  paper.line('  ', verdicts[verdict], `  ${source}: ${plural(events, 'event')}${share}; ${says[verdict]}`);
  for (const doubt of doubts.slice(0, doubtsMax)) paper.line(`      ${doubt}`);
  if (doubtsTotal > doubtsMax)
    paper.line(dim(`      and ${number(doubtsTotal - doubtsMax)} of less weight: --json lists them`));
}

/** `99.8 %`, and never 100 % of what is not whole. */
const percentCovered = (share: number): string => `${(Math.floor(share * 1_000) / 10).toFixed(1)} %`;

/** A value of a row: text as it is, all else as JSON. */
export function shownCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
