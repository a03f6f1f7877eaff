/** How somebody who trusts neither us nor this file checks it. */

import { count } from '../../../kernel/text.ts';
import { fact, listing } from '../make.ts';
import { rangeOf, type Source } from '../source.ts';
import type { Header, Section } from '../types.ts';

export function checking(source: Source, ledger: Header['ledger']): Section {
  const { incident, size } = source;
  const cite = rangeOf(source, 'incident.opened');
  const sample = source.proofs.samples[0]?.row.ref ?? 'SYSTEM/KIND/NAME';
  const commands = [
    'firebreak evidence export case.bundle',
    `firebreak evidence verify case.bundle --key '${ledger.verifierKey}'`,
    `firebreak rotate prove ${quote(sample)} --incident ${incident.id}`,
    `firebreak report render --format json --incident ${incident.id}`,
  ];
  return {
    id: 'checking',
    title: 'How to check this report',
    blocks: [
      fact({
        id: 'checking',
        statement: `Every fact names the ledger entries that it rests on, by number. The ledger had ${count(size)} entries, numbered from 0, when this was written. It is an append-only Merkle tree (RFC 6962) with signed checkpoints: an entry that was changed, dropped or moved no longer fits the signature. An exported bundle is verified without network, without database and without this installation.`,
        citations: cite,
        basis: 'The head of the ledger.',
        values: { size },
      }),
      listing('commands', 'Commands', commands.join('\n'), cite),
      listing(
        'verifier-key',
        'The key that verifies the ledger; get it by another way than this file',
        ledger.verifierKey,
      ),
      fact({
        id: 'checkpoint',
        statement:
          ledger.signed >= size
            ? `The newest checkpoint signs all ${count(size)} entries.`
            : `The newest checkpoint signs ${count(ledger.signed)} of ${count(size)} entries; a checkpoint of the others follows.`,
        basis: 'The checkpoint below.',
        values: { signed: ledger.signed, size },
      }),
      listing('checkpoint', 'The newest checkpoint', ledger.checkpoint ?? 'none was signed yet'),
    ],
  };
}

/** As a shell takes it for one word. */
const quote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
