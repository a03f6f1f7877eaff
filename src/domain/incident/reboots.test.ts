/** Restarts in the incident: census, what to do next, exceptions, close and report, on hosts that really restart. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DomainLab } from '../../../test/lab/domain.ts';
import { signForQuestions } from '../../../test/lab/questions.ts';
import type { TargetSshd } from '../../../test/lab/sshd.ts';
import { signAttestation } from '../evidence/index.ts';
import { openRebootLab } from '../reboot/__fixtures__/lab.ts';
import {
  applyReboot,
  approveReboot,
  cancelReboot,
  exceptReboot,
  listRebootStates,
  planReboot,
  readRebootProgress,
} from '../reboot/index.ts';
import { Report, renderReport } from '../report/index.ts';
import { viewRebootProof } from '../report/tally-reboots.ts';
import { closeIncident, findIncident, nextSteps, takeCensus } from './index.ts';

const isRoot = process.getuid?.() === 0;
const why = isRoot ? '' : ' (skipped: hosts with a boot identity of their own need root)';
const dayMs = 24 * 60 * 60 * 1_000;

describe.skipIf(!isRoot)(`restarts of an incident${why}`, () => {
  let [lab, server, incidentId] = [{} as DomainLab, {} as TargetSshd, ''];
  const census = async () => takeCensus(lab.context, await findIncident(lab.context.db, incidentId));
  const next = async () => nextSteps(lab.context, await findIncident(lab.context.db, incidentId));
  const close = async () => closeIncident(lab.context, await findIncident(lab.context.db, incidentId));
  const sign = async () => signForQuestions(lab.context, await findIncident(lab.context.db, incidentId));
  const exception = (until = new Date(Date.now() + 7 * dayMs)) => ({
    reason: 'its machine is restarted on Sunday',
    approver: 'dana',
    until,
  });
  const report = async () => {
    let text = '';
    const incident = await findIncident(lab.context.db, incidentId);
    for await (const part of renderReport(lab.context, incident, 'json')) text += part;
    return Report.parse(JSON.parse(text));
  };

  beforeAll(async () => {
    ({ lab, server, incidentId } = await openRebootLab(
      [
        { name: 'box', role: 'box', address: '127.79.1.1', fault: 'container' },
        { name: 'only', role: 'quorum', address: '127.79.1.2' },
        { name: 'web-1', role: 'web', address: '127.79.1.3' },
        { name: 'web-2', role: 'web', address: '127.79.1.4' },
      ],
      { keepUpShare: 0, roles: { quorum: { keepUpHosts: 1 } } },
    ));
  });
  afterAll(async () => {
    await lab.close?.();
    await server.close?.();
  });

  test('from the plan to the close: each host is counted once, and nothing outstanding is passed over', async () => {
    expect((await census()).reboots).toMatchObject({ total: 0, beyond: 4, outstanding: 0 });

    await sign();
    // A plan that was cancelled leaves nobody out: whom it meant, and whom it could not take on.
    const first = await planReboot(lab.context, lab.systems, incidentId);
    await cancelReboot(lab.context, first.id);
    expect((await census()).reboots).toMatchObject({
      total: 4,
      outstandingBy: { cancelled: 3, quorum: 1 },
    });

    const plan = await planReboot(lab.context, lab.systems, incidentId);
    expect(plan.estimate).toEqual({ seconds: 180, secondsMax: 1_800, basis: 'assumed', restarts: 0 });
    const planned = await census();
    expect(planned.complete).toBe(false);
    expect(planned.reboots).toEqual({
      total: 4,
      proven: 0,
      excepted: 0,
      outstanding: 4,
      outstandingBy: { pending: 3, quorum: 1 },
      beyond: 0,
    });
    expect(await next()).toContainEqual(
      expect.objectContaining({ urgency: 'now', what: `Approve reboot plan ${plan.id}` }),
    );
    await expect(close()).rejects.toMatchObject({
      code: 'outstanding',
      message: expect.stringContaining('4 systems not proven to have restarted'),
    });

    await approveReboot(lab.context, plan.id, 'dana');
    expect(await next()).toContainEqual(
      expect.objectContaining({
        what: `Apply reboot plan ${plan.id}`,
        why: 'it is approved; 3 systems wait',
      }),
    );
    await applyReboot(lab.context, await lab.startEngine(), plan.id);
    await expect
      .poll(async () => (await readRebootProgress(lab.context.db, plan.id)).status)
      .toBe('finished');
    expect((await census()).reboots).toEqual({
      total: 4,
      proven: 2,
      excepted: 0,
      outstanding: 2,
      outstandingBy: { container: 1, quorum: 1 },
      beyond: 0,
    });
    expect(await next()).toContainEqual(
      expect.objectContaining({
        urgency: 'now',
        what: 'See to 2 systems not proven to have restarted, or except them',
        why: '1 container, 1 quorum',
      }),
    );
    await expect(close()).rejects.toMatchObject({
      faults: [
        { field: 'box', expected: 'proven or excepted', got: expect.stringContaining('is a container') },
        { field: 'only', expected: 'proven or excepted', got: expect.stringContaining('must keep 1 up') },
      ],
    });
  });

  test('a later plan counts in place of the earlier, unless it was cancelled; its time is measured', async () => {
    const again = await planReboot(lab.context, lab.systems, incidentId, { hosts: ['web-1'] });
    expect(again.estimate).toMatchObject({ basis: 'measured', restarts: 2, secondsMax: 900 });
    expect(again.estimate.seconds).toBeLessThan(60);
    expect((await census()).reboots).toMatchObject({ proven: 1, outstandingBy: { pending: 1 } });
    await cancelReboot(lab.context, again.id);
    expect((await census()).reboots).toMatchObject({ proven: 2, outstanding: 2 });
  });

  test('the report counts and checks the proofs, and says who is left', async () => {
    const made = await report();
    const section = made.sections.find(({ id }) => id === 'restarts');
    const facts = section?.blocks.flatMap((block) => (block.type === 'fact' ? [block.fact] : [])) ?? [];
    const of = (id: string) => facts.find((fact) => fact.id === id);
    expect(of('restarts')?.values).toEqual({ total: 4, proven: 2, excepted: 0, outstanding: 2 });
    expect(of('restart-signatures')?.values).toEqual({ valid: 2, total: 2 });
    const proven = await listRebootStates(lab.context.db, incidentId, { state: 'proven', limit: 10 });
    expect(of('restart-proofs')?.citations).toEqual(
      proven.map(({ proofSeq }) => proofSeq ?? 0).sort((a, b) => a - b),
    );
    const listed = made.appendices.find(({ id }) => id === 'restarted');
    expect(listed?.rows.map(({ cells }) => [cells.host, cells.signature])).toEqual([
      ['web-1', 'holds'],
      ['web-2', 'holds'],
    ]);
    expect(made.report.headline).toContain('2 systems not proven to have restarted');
  });

  test('a proof of another host, or of the same boot, proves nothing', async () => {
    const entries = await lab.context.ledger.list({ kind: 'reboot.proof', limit: 1 });
    const { signer } = lab.context;
    const [{ host, dsse }] = entries.map(({ data }) => data) as [{ host: string; dsse: { payload: string } }];
    expect(viewRebootProof(signer, host, { dsse })).toMatchObject({ ok: true });
    expect(viewRebootProof(signer, 'another', { dsse })).toMatchObject({ ok: false });
    const statement = JSON.parse(Buffer.from(dsse.payload, 'base64').toString());
    statement.predicate.after.bootId = statement.predicate.before.bootId;
    const payload = Buffer.from(JSON.stringify(statement)).toString('base64');
    expect(viewRebootProof(signer, host, { dsse: { ...dsse, payload } })).toMatchObject({ ok: false });
    expect(viewRebootProof(signer, host, { dsse: signAttestation(signer, statement) })).toMatchObject({
      error: 'it shows the same boot before and after',
    });
  });

  test('an exception is signed, ends, and is none for a host that is proven', async () => {
    await expect(exceptReboot(lab.context, incidentId, 'web-1', exception())).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(exceptReboot(lab.context, incidentId, 'nobody', exception())).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(
      exceptReboot(lab.context, incidentId, 'box', exception(new Date(Date.now() - dayMs))),
    ).rejects.toMatchObject({ code: 'bad_input' });
    for (const host of ['box', 'only']) await exceptReboot(lab.context, incidentId, host, exception());
    expect((await census()).reboots).toMatchObject({ proven: 2, excepted: 2, outstanding: 0 });
    const made = await report();
    const table = made.sections
      .find(({ id }) => id === 'restarts')
      ?.blocks.find((block) => block.type === 'table' && block.id === 'restarts-excepted');
    expect(table?.type === 'table' && table.rows.map(({ cells }) => cells.host)).toEqual(['box', 'only']);
    // Its end is not in the row that we read, but in the clock.
    await lab.context.db
      .updateTable('reboot_exception')
      .set({ until: new Date(Date.now() - 1_000) })
      .where('host', '=', 'only')
      .execute();
    expect((await census()).reboots).toMatchObject({ excepted: 1, outstanding: 1 });
    await expect(close()).rejects.toMatchObject({ code: 'outstanding' });
    await exceptReboot(lab.context, incidentId, 'only', exception());
    expect((await close()).reboots).toMatchObject({ proven: 2, excepted: 2, outstanding: 0 });
    expect(await next()).toEqual([]);
  });
});
