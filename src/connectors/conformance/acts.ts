/** Cases about issuing, repeating, revoking, containing and discovering. */
import { randomPassword, systemRandom } from '../../kernel/random.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Discovered, MintIssue, SetIssue, Target } from '../contract.ts';
import {
  expect,
  expectAccepted,
  expectOutcome,
  expectRejected,
  issueOf,
  kindsOf,
  replace,
} from './expect.ts';
import type { Bench, ConformanceCase } from './types.ts';

export const actCases: ConformanceCase[] = [
  {
    name: 'the configuration takes a reference to a secret, and never the secret',
    run: async (bench) => {
      const secret = bench.keep(new Secret(randomPassword(systemRandom)));
      const parsed = bench.connector.config.safeParse(bench.estate.configWithPlainSecret(secret.reveal()));
      expect(!parsed.success, 'a plain secret in the configuration is refused');
      const said = bench.note(parsed.error.message);
      expect(/reference/.test(said), 'the refusal says that a reference is wanted', said);
    },
  },
  {
    name: 'discovery finds a credential with its principal, in bounded batches',
    run: async (bench) => {
      if (!bench.session.discover) return;
      for (const [kind] of bench.kinds) {
        const sample = await bench.create(kind);
        const found = await findDiscovered(bench, sample.target);
        expect(found, `discovery finds the ${kind} ${sample.target.name}`);
        expect(found.principal === sample.principal, `its principal is ${sample.principal}`, found.principal);
      }
    },
  },
  {
    name: 'issue, then verify: the replacement is accepted, and the old one dies when it should',
    run: async (bench) => {
      for (const kind of kindsOf(bench, 'swap', 'overlap')) {
        const sample = await bench.create(kind);
        const fresh = await replace(bench, sample);
        expectAccepted(await tried(bench, fresh.target, fresh.secret), sample.principal, 'the replacement');
        if (kindsOf(bench, 'swap').includes(kind))
          expectRejected(await tried(bench, sample.target, sample.secret), 'the old one');
        else
          expectAccepted(
            await tried(bench, sample.target, sample.secret),
            sample.principal,
            'the old one until revoked',
          );
      }
    },
  },
  {
    name: 'revoking twice succeeds twice, and leaves the replacement alive',
    run: async (bench) => {
      for (const kind of kindsOf(bench, 'swap', 'overlap')) {
        const sample = await bench.create(kind);
        const fresh = await replace(bench, sample);
        await revokeTwice(
          bench,
          sample.target,
          kindsOf(bench, 'swap').includes(kind) ? ['absent', 'done'] : ['done'],
        );
        expectRejected(await tried(bench, sample.target, sample.secret), 'the revoked one');
        expectAccepted(await tried(bench, fresh.target, fresh.secret), sample.principal, 'the replacement');
      }
      for (const kind of kindsOf(bench, 'none')) {
        const sample = await bench.create(kind);
        await revokeTwice(bench, sample.target, ['done']);
        expectRejected(await tried(bench, sample.target, sample.secret), 'the revoked one');
      }
    },
  },
  {
    name: 'a repeated key leaves no second credential that is not found',
    run: async (bench) => {
      for (const kind of kindsOf(bench, 'swap', 'overlap')) {
        const sample = await bench.create(kind);
        const issue = issueOf(bench.session);
        if (issue.style === 'set') await repeatSet(bench, issue, sample.target, sample.principal);
        else await repeatMint(bench, issue, sample.target);
      }
    },
  },
  {
    name: 'a crash between issuing and recording leaves nothing that cannot be found and closed',
    run: async (bench) => {
      for (const kind of kindsOf(bench, 'swap', 'overlap')) {
        const sample = await bench.create(kind);
        const issue = issueOf(bench.session);
        if (issue.style === 'set') {
          // The secret was sealed before; the outcome is lost, and the same secret is set again.
          await repeatSet(bench, issue, sample.target, sample.principal);
          expectRejected(await tried(bench, sample.target, sample.secret), 'the old one after a repeat');
          continue;
        }
        const lost = await replace(bench, sample, 'crash');
        const orphans = bench.note(await issue.orphans(sample.target, 'crash', bench.signal));
        expect(orphans.length === 1, 'the orphan is found by its key', orphans);
        for (const orphan of orphans)
          expectOutcome(await revoked(bench, orphan), ['done'], 'revoking the orphan');
        expectRejected(await tried(bench, lost.target, lost.secret), 'the orphan');
        expect((await issue.orphans(sample.target, 'crash', bench.signal)).length === 0, 'no orphan is left');
      }
    },
  },
  {
    name: 'what does not exist is absent, and acting on it makes nothing',
    run: async (bench) => {
      for (const [kind] of bench.kinds) {
        const sample = await bench.create(kind);
        const attributes = { ...sample.target.attributes, id: 'no-such-id', principal: 'no-such-principal' };
        const nobody: Target = { kind, name: 'no-such-name', attributes };
        const { issue } = bench.session;
        if (issue?.style === 'set') {
          const secret = bench.keep(issue.generate(nobody, systemRandom));
          expectOutcome(
            bench.note(await issue.set(nobody, secret, bench.signal)),
            ['absent'],
            'issuing for nobody',
          );
          const verdict = await tried(bench, nobody, secret);
          expect(verdict.verdict !== 'accepted', 'nobody was made', verdict);
        }
        const ended = bench.note(await bench.session.endSessions?.(nobody, undefined, bench.signal));
        if (ended) expectOutcome(ended, ['absent', 'unsupported'], 'ending the sessions of nobody');
        if (bench.session.revoke) expectOutcome(await revoked(bench, nobody), ['absent'], 'revoking nothing');
      }
    },
  },
  {
    name: 'contain locks out at once and release restores',
    run: async (bench) => {
      const { contain, release } = bench.session;
      if (!contain || !release) return;
      for (const [kind] of bench.kinds) {
        const sample = await bench.create(kind);
        expectOutcome(bench.note(await contain(sample.target, bench.signal)), ['done'], 'contain');
        expectOutcome(
          bench.note(await contain(sample.target, bench.signal)),
          ['done', 'absent'],
          'contain again',
        );
        const locked = await tried(bench, sample.target, sample.secret);
        expect(locked.verdict !== 'accepted', 'a contained credential is not accepted', locked);
        expectOutcome(bench.note(await release(sample.target, bench.signal)), ['done'], 'release');
        expectAccepted(
          await tried(bench, sample.target, sample.secret),
          sample.principal,
          'a released credential',
        );
      }
    },
  },
];

async function tried(bench: Bench, target: Target, secret: Secret) {
  return bench.note(await bench.session.verify(target, secret, bench.signal));
}

async function revoked(bench: Bench, target: Target) {
  expect(bench.session.revoke, 'a connector that issues or ends credentials offers revoke');
  return bench.note(await bench.session.revoke(target, bench.signal));
}

async function revokeTwice(bench: Bench, target: Target, first: ('done' | 'absent')[]): Promise<void> {
  expectOutcome(await revoked(bench, target), first, 'revoking');
  expectOutcome(await revoked(bench, target), ['absent'], 'revoking again');
}

async function repeatSet(bench: Bench, issue: SetIssue, target: Target, principal: string): Promise<void> {
  const secret = bench.keep(issue.generate(target, systemRandom));
  for (let time = 0; time < 2; time++)
    expectOutcome(
      bench.note(await issue.set(target, secret, bench.signal)),
      ['done'],
      'setting the same secret',
    );
  expectAccepted(await tried(bench, target, secret), principal, 'the secret that was set twice');
}

async function repeatMint(bench: Bench, issue: MintIssue, target: Target): Promise<void> {
  const names = new Set<string>();
  for (let time = 0; time < 2; time++) {
    const minted = bench.note(await issue.mint(target, 'repeated', bench.signal));
    if (minted.outcome !== 'done') continue;
    bench.keep(minted.secret);
    names.add(minted.target.name);
  }
  expect(names.size > 0, 'minting works');
  const orphans = bench.note(await issue.orphans(target, 'repeated', bench.signal));
  const found = new Set(orphans.map(({ name }) => name));
  expect(
    [...names].every((name) => found.has(name)),
    'everything that was minted under a key is found by it',
    orphans,
  );
}

type Credential = Extract<Discovered, { type: 'credential' }>;

async function findDiscovered(bench: Bench, target: Target): Promise<Credential | undefined> {
  let found: Credential | undefined;
  for await (const batch of bench.session.discover?.(bench.signal) ?? []) {
    bench.note(batch);
    expect(batch.length <= 10_000, 'a batch is bounded', batch.length);
    for (const one of batch)
      if (one.type === 'credential' && one.target.kind === target.kind && one.target.name === target.name)
        found = one;
  }
  return found;
}
