/** How many entries a second the ledger takes from concurrent appenders, against bare inserts of the same bytes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { loadOrCreateSigner, openLedger } from '../src/domain/evidence/index.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { openStore } from '../src/store/index.ts';

interface LedgerBench {
  name: string;
  entries: number;
  seconds: number;
  perSecond: number;
  rawSeconds: number;
  rawPerSecond: number;
  /** Ours by the raw limit, in entries a second. */
  ratio: number;
}

const appenders = 500;
const appendsEach = 100;

/** Runs both sides on the database at `url`, which may hold a ledger of this benchmark only. */
export async function benchLedger(url: string): Promise<LedgerBench> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-bench-'));
  const store = await openStore(url);
  try {
    const signer = await loadOrCreateSigner(join(folder, 'ledger.pem'), 'firebreak.dev/bench');
    const ledger = openLedger(store.db, signer, systemClock);
    const seconds = await timed(() =>
      Promise.all(Array.from({ length: appenders }, (_, id) => appendMany(ledger, id))),
    );
    const bodies = (await store.db.selectFrom('ledger_entry').select('body').orderBy('seq').execute()).map(
      ({ body }) => body,
    );
    const checkpoints = await store.db
      .selectFrom('ledger_checkpoint')
      .select('size')
      .orderBy('size')
      .execute();
    const rawSeconds = await insertRaw(
      url,
      bodies,
      checkpoints.map(({ size }) => size),
    );
    const entries = bodies.length;
    const [perSecond, rawPerSecond] = [entries / seconds, entries / rawSeconds];
    return {
      name: 'ledger',
      entries,
      seconds,
      perSecond,
      rawSeconds,
      rawPerSecond,
      ratio: perSecond / rawPerSecond,
    };
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One appender: each entry is on disk before it writes the next. */
async function appendMany(ledger: ReturnType<typeof openLedger>, id: number): Promise<void> {
  for (let count = 0; count < appendsEach; count++) {
    await ledger.append({
      kind: 'rotation.verify-new.recorded',
      actor: 'firebreak',
      incidentId: 'inc_7m2k9q4x1c8d',
      subject: `credential:${id}`,
      data: {
        campaign: 'cmp_4t9w2n6p8s3e',
        wave: 3,
        batch: id,
        system: 'pg-billing',
        outcome: 'done',
        principal: `app_${id}`,
        code: '28P01',
        attempt: count,
      },
    });
  }
}

/** The raw limit: the same bodies in the same batches, one insert each, with nothing around it. */
async function insertRaw(url: string, bodies: readonly string[], sizes: readonly number[]): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('create table bench_raw_entry (seq bigint primary key, body text not null)');
    return await timed(async () => {
      let start = 0;
      for (const end of sizes) {
        await client.query(
          "insert into bench_raw_entry select $1::bigint + n - 1, body from string_to_table($2, E'\\n') with ordinality as t (body, n)",
          [start, bodies.slice(start, end).join('\n')],
        );
        start = end;
      }
    });
  } finally {
    await client.query('drop table if exists bench_raw_entry');
    await client.end();
  }
}

/** Seconds that `act` takes. */
async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return (performance.now() - start) / 1_000;
}
