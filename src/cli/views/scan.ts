/** What a scan found and what it could not read; never a secret. */
import type { SanitiseResult, ScanResult } from '../../api/contract.ts';
import { plural } from '../../kernel/text.ts';
import { bytes, number } from '../format.ts';
import { bold, dim, good, type Paper, warn } from '../paper.ts';

const listedMax = 50;

export function printScan(paper: Paper, scan: ScanResult): void {
  paper.line(
    bold(plural(scan.secrets, 'secret')),
    ` at ${plural(scan.hits, 'place')} in ${plural(scan.files, 'file')} (${bytes(scan.bytes)})`,
  );
  paper.fields(
    [
      ['known', `${number(scan.known)} belong to credentials of the inventory`],
      ['new', `${number(scan.added)} were not in it, and are to be closed now`],
      ['already dead', `${number(scan.alreadyDead)} were proven dead before`],
      ['scan', scan.id],
    ],
    '  ',
  );
  if (scan.skipped.length > 0) {
    paper.heading(`${plural(scan.skipped.length, 'file')} not scanned`);
    listFiles(paper, scan.skipped);
  }
  if (scan.errorsTotal === 0) return;
  paper.heading(`${plural(scan.errorsTotal, 'error')}: what could not be read is not known to be clean`);
  for (const { file, line, entry, message } of scan.errors.slice(0, listedMax)) {
    const place = [file, ...(line === undefined ? [] : [line])].join(':');
    paper.line('  ', warn('error'), `  ${place}${entry === undefined ? '' : ` entry ${entry}`}: ${message}`);
  }
  if (scan.errorsTotal > listedMax) paper.line(dim(`  and ${number(scan.errorsTotal - listedMax)} more`));
}

export function printSanitised(paper: Paper, { folder, written, skipped, failed }: SanitiseResult): void {
  paper.heading(`Sanitised copies in ${folder}`);
  for (const one of written) {
    const dropped = one.dropped > 0 ? warn(`, ${plural(one.dropped, 'entry', 'entries')} left out`) : '';
    paper.line(
      '  ',
      good('written'),
      `  ${one.copy}: ${plural(one.entries, 'entry', 'entries')}, ${plural(one.secrets, 'secret')} replaced`,
      dropped,
    );
    for (const error of one.errors.slice(0, listedMax)) paper.line('    ', warn('error'), `  ${error}`);
  }
  for (const { file, reason } of failed) paper.line('  ', warn('not written'), `  ${file}: ${reason}`);
  if (skipped.length > 0) paper.line(dim(`  ${plural(skipped.length, 'file')} skipped: no HAR files`));
}

function listFiles(paper: Paper, files: readonly { file: string; reason: string }[]): void {
  for (const { file, reason } of files.slice(0, listedMax)) paper.line(`  ${file}: ${reason}`);
  if (files.length > listedMax) paper.line(dim(`  and ${number(files.length - listedMax)} more`));
}
