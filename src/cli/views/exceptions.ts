/** Exceptions as people read them: the first few by name, all by their ledger entries. */
import { moment, number } from '../format.ts';
import { dim, type Paper, warn } from '../paper.ts';

const listedMax = 10;

interface GrantedException {
  name: string;
  ledgerSeq: number;
}

export function printExceptions(
  paper: Paper,
  exceptions: readonly GrantedException[],
  { approver, until }: { approver: string; until: string },
): void {
  for (const { name, ledgerSeq } of exceptions.slice(0, listedMax))
    paper.line(warn('excepted'), `  ${name}`, dim(`  signed, ledger entry ${ledgerSeq}`));
  const rest = exceptions.slice(listedMax);
  const seqs = rest.map(({ ledgerSeq }) => ledgerSeq);
  if (rest.length > 0)
    paper.line(
      `and ${number(rest.length)} more`,
      dim(`  signed, ledger entries ${Math.min(...seqs)} to ${Math.max(...seqs)}`),
    );
  paper.line(`Until ${moment(until)}, approved by ${approver}; outstanding again after that.`);
}
