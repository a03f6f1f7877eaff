/** The practice logs, read back from disk as a stranger would read them: counts, times, order, form, repetition. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LogEstate, type TruthEvent, writeLogs } from './index.ts';

const events = 30_000;
const folders: string[] = [];

async function write(options: Partial<Parameters<typeof writeLogs>[0]> = {}): Promise<LogEstate> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-logs-'));
  folders.push(folder);
  return writeLogs({ folder, events, ...options });
}

let estate: LogEstate;
const records = new Map<string, string[]>();

beforeAll(async () => {
  estate = await write();
  for (const { path } of estate.files) records.set(path, await recordsOf(estate, path));
});

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** The records of a file, in the sense that `line` counts them. */
async function recordsOf({ folder }: LogEstate, path: string): Promise<string[]> {
  const bytes = await readFile(join(folder, path));
  if (path.endsWith('.gz'))
    return (JSON.parse(gunzipSync(bytes).toString()) as { Records: object[] }).Records.map((one) =>
      JSON.stringify(one),
    );
  const text = bytes.toString();
  if (path.endsWith('.csv'))
    return (parse(text, { raw: true }) as unknown as { raw: string }[]).map(({ raw }) => raw.trimEnd());
  return text.trimEnd().split('\n');
}

const ofSource = (source: string): string[] =>
  estate.files.filter((file) => file.source === source).flatMap(({ path }) => records.get(path) ?? []);
const at = ({ path, line }: { path: string; line: number }): string => records.get(path)?.[line - 1] ?? '';
const acts = (act: string): TruthEvent[] =>
  [...estate.truth.attack, ...estate.truth.response].filter((event) => event.act === act);

describe('what was published', () => {
  const principals = () => [estate.truth.credentials.smartsheet, estate.truth.createdAccount.name];

  test('36 tickets, 202 pages, 120 repositories, 76 of them archived: counted from the logs alone', () => {
    const tickets = ofSource('jira-access')
      .filter((line) => principals().includes(line.split(' ')[2] ?? ''))
      .map((line) => /"GET \/(?:browse|rest\/api\/2\/issue)\/([A-Z]+-\d+)[^"]*" 200 /.exec(line)?.[1]);
    expect(new Set(tickets.filter((one) => one !== undefined))).toEqual(new Set(estate.truth.tickets));
    expect(estate.truth.tickets).toHaveLength(36);

    const pages = (lines: string[], id: RegExp) =>
      new Set(
        lines
          .filter((line) => principals().some((name) => line.includes(name)))
          .map((line) => id.exec(line)?.[1])
          .filter((one) => one !== undefined),
      );
    const expected = new Set(estate.truth.pages.map(({ id }) => id));
    expect(expected.size).toBe(202);
    expect(pages(ofSource('confluence-access'), /pageId=(\d+)/)).toEqual(expected);
    expect(pages(ofSource('confluence-audit'), /"id":"(\d+)","name":"[^"]*","type":"Page"/)).toEqual(
      expected,
    );

    const code = ofSource('bitbucket-access').filter(
      (line) => line.includes(`| ${estate.truth.credentials.bitbucket} |`) && line.includes('| o@'),
    );
    const viewed = code.map((line) =>
      /\/projects\/(\w+)\/repos\/([\w-]+)\/browse/.exec(line)?.slice(1).join('/'),
    );
    expect(new Set(viewed.filter((one) => one !== undefined))).toEqual(
      new Set(estate.truth.repositoriesViewed),
    );
    expect(new Set(estate.truth.repositoriesViewed).size).toBe(120);
    const taken = code.map((line) =>
      /git-upload-archive '\/(\w+)\/([\w-]+)\.git'/.exec(line)?.slice(1).join('/'),
    );
    const archived = estate.truth.repositoriesArchived;
    expect(new Set(taken.filter((one) => one !== undefined))).toEqual(
      new Set(archived.map((name) => name.replace(/^\w+/, (project) => project.toLowerCase()))),
    );
    expect(new Set(archived).size).toBe(76);
    expect(archived.every((name) => estate.truth.repositoriesViewed.includes(name))).toBe(true);
    expect(ofSource('auditd').filter((line) => /a0="git" a1="archive"/.test(line))).toHaveLength(76);
  });

  test('the totals that the counts are of', async () => {
    expect(estate.truth.totals).toEqual({ issues: 2_059_357, pages: 14_099, repositories: 11_904 });
    expect(JSON.parse(await readFile(estate.totalsFile, 'utf8')).totals).toEqual(estate.truth.totals);
  });

  test('every published moment stands in the logs to the second', () => {
    const moments: [act: string, at: string][] = [
      ['okta-refused', '2023-11-14T09:22:49'],
      ['dashboard-refused', '2023-11-14T09:22:49'],
      ['aws-entered', '2023-11-14T09:22:49'],
      ['atlassian-entered', '2023-11-15T16:28:38'],
      ['pause-began', '2023-11-17T14:33:52'],
      ['connection-tested', '2023-11-20T09:26:53'],
      ['implant-installed', '2023-11-22T14:18:22'],
      ['administrators-joined', '2023-11-23T15:58:00'],
      ['alert-raised', '2023-11-23T16:00:00'],
      ['smartsheet-disabled', '2023-11-23T16:35:00'],
      ['created-account-disabled', '2023-11-23T17:23:00'],
      ['addresses-blocked', '2023-11-23T21:31:00'],
      ['last-activity', '2023-11-24T10:44:00'],
      ['implant-removed', '2023-11-24T11:59:00'],
    ];
    for (const [act, time] of moments) expect([act, acts(act)[0]?.at.slice(0, 19)]).toEqual([act, time]);
    const created = acts('account-created').find(({ log }) => log === 'jira-audit');
    expect(created?.at).toBe('2023-11-16T14:36:37.000Z');
    expect(JSON.parse(at(created as TruthEvent))).toMatchObject({
      auditType: { action: 'User created' },
      author: { name: 'smartsheet_svc' },
      source: '193.142.58.126',
      timestamp: { epochSecond: Date.UTC(2023, 10, 16, 14, 36, 37) / 1000 },
    });
  });

  test('nothing of the intruder is in the pause, and nothing after his last activity', () => {
    const { pauseBegan, pauseEnded, lastActivity } = estate.truth.moments;
    const times = estate.truth.attack.map(({ at: time }) => time);
    expect(times.filter((time) => time > pauseBegan && time < pauseEnded)).toEqual([]);
    expect(times.at(-1)).toBe(lastActivity);
    expect(times[0]).toBe(estate.truth.moments.probingStarted);
  });

  test('the implant: its file, its hash, where it came from and where it reported', () => {
    const implant = acts('implant-installed').map(at).join('\n');
    expect(implant).toContain('/opt/atlassian/jira/temp/jvm-agent');
    expect(implant).toContain('bdd1a085d651082ad567b03e5186d1d46d822bb7794157ab8cce95d850a3caaf');
    expect(implant).toContain('"QueryName":"idowall.com"');
    // 198.244.174.214, port 443, as the kernel writes a socket address.
    expect(implant).toContain('saddr=020001BBC6F4AED6');
    expect(acts('wiki-searched').filter(({ log }) => log === 'confluence-audit')).toHaveLength(6);
    expect(acts('neighbour-refused').filter(({ log }) => log === 'auth:console-gru-01')).toHaveLength(34);
  });
});

test('each place in the truth is the record that it names', () => {
  const marks =
    /193\.142\.58\.126|smartsheet_svc|julian\.hartwell|bitbucket_svc|jvm-agent|idowall|C6F4AED6|10\.20\.4\.11|audit\(/;
  const { attack, response, lookAlikes, past } = estate.truth;
  expect(attack.filter((event) => !marks.test(at(event)))).toEqual([]);
  for (const event of [...response, ...lookAlikes, ...past]) expect(at(event), event.act).not.toBe('');
  expect(attack.length).toBeGreaterThan(1_500);
  // Harmless use of the four is over before their theft is.
  expect(past.every(({ at: time }) => time < '2023-10-18')).toBe(true);
  const used = lookAlikes.filter((event) => /_svc|moveworks|193\.142/.test(at(event)));
  expect(used).toEqual([]);
});

describe('form', () => {
  const broken = (path: string) =>
    estate.truth.broken.filter((one) => one.path === path).map(({ line }) => line);
  const whole = (path: string) =>
    (records.get(path) ?? []).filter((_, index) => !broken(path).includes(index + 1));

  const json = /^(okta|cloudflare-|jira-audit|confluence-audit|bitbucket-audit|github|vault|kubernetes|ocsf)/;
  const text: Record<string, RegExp> = {
    'jira-access':
      /^\S+ \d+x\d+x\d \S+ \[\d\d\/(Oct|Nov)\/2023:[\d:]{8} \+0000\] "[A-Z]+ \S+ HTTP\/1\.1" \d{3} \d+ \d+ "[^"]*" "[^"]*" "[^"]*"$/,
    'confluence-access':
      /^\[\S+ \+0000\] \S+ http-nio-8090-exec-\d+ \S+ [A-Z]+ \S+ HTTP\/1\.1 \d{3} \d+ms \d+ \S+ .+$/,
    'bitbucket-access':
      /^\S+ \| (https|ssh) \| [io]@\w+ \| \S+ \| [\d-]{10} [\d:]{8},\d{3} \| .+ \| .+ \| \S+ \| \S+ \| \S+ \| .+ \| \S+ \| \w+ \|$/,
    'linux-auth': /^(Oct|Nov) [ \d]\d [\d:]{8} [\w-]+ (sshd|sudo|CRON)\[\d+\]: \S.*$/,
    auditd: /^type=[A-Z_]+ msg=audit\(\d{10}\.\d{3}:\d+\): \S.*$/,
    'nginx-access': /^\S+ - \S+ \[\S+ \+0000\] "[A-Z]+ \S+ HTTP\/1\.1" \d{3} \d+ "[^"]*" "[^"]*"$/,
  };

  test('every record is whole, apart from those that were broken on purpose', () => {
    for (const { path, source, events: count } of estate.files) {
      expect(records.get(path), path).toHaveLength(count);
      if (json.test(source) || source === 'cloudtrail') for (const one of whole(path)) JSON.parse(one);
      else if (source !== 'postgres-csvlog') {
        const shape = text[source];
        expect(shape, source).toBeDefined();
        expect(
          whole(path)
            .filter((one) => !shape?.test(one))
            .slice(0, 3),
          path,
        ).toEqual([]);
      }
    }
    expect(estate.truth.broken).toHaveLength(3);
  });

  test('csvlog has 26 columns, and records that go over a line', async () => {
    const path = estate.files.find(({ source }) => source === 'postgres-csvlog')?.path ?? '';
    const rows = parse(await readFile(join(estate.folder, path), 'utf8')) as string[][];
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([26]));
    expect(rows.some((row) => row[13]?.includes('\n'))).toBe(true);
  });

  test('records stand in the order of their time', () => {
    for (const { path, source } of estate.files) {
      const times = whole(path).map((one) => timeOf(source, one));
      expect(
        times.every((time) => Number.isFinite(time)),
        path,
      ).toBe(true);
      expect(
        times.findIndex((time, index) => time < (times[index - 1] ?? 0)),
        path,
      ).toBe(-1);
    }
  });

  test('auditd numbers the events of its host without a hole', () => {
    const serials = [...new Set(ofSource('auditd').map((one) => Number(/:(\d+)\):/.exec(one)?.[1])))];
    expect((serials.at(-1) ?? 0) - (serials[0] ?? 0)).toBe(serials.length - 1);
  });

  test('a file was last changed when its last record was written', async () => {
    for (const { path, source } of estate.files) {
      const { mtimeMs } = await stat(join(estate.folder, path));
      const last = timeOf(source, whole(path).at(-1) ?? '');
      expect(Math.abs(mtimeMs - last), path).toBeLessThan(1_001);
    }
  });
});

/** The time of a record in milliseconds; formats of whole seconds lose the rest. */
function timeOf(source: string, record: string): number {
  const common = /\[(\d\d)\/(\w{3})\/(\d{4}):([\d:]{8}) \+0000\]/.exec(record);
  if (common) return Date.parse(`${common[1]} ${common[2]} ${common[3]} ${common[4]} UTC`);
  if (source === 'linux-auth') return Date.parse(`${record.slice(0, 6)} 2023 ${record.slice(7, 15)} UTC`);
  if (source === 'auditd') return Number(/audit\(([\d.]+):/.exec(record)?.[1]) * 1000;
  if (source === 'bitbucket-access')
    return Date.parse(`${/\d{4}-\d\d-\d\d [\d:]{8},\d{3}/.exec(record)?.[0].replace(',', '.')}Z`);
  if (source === 'postgres-csvlog') return Date.parse(`${record.slice(0, 23)}Z`);
  const fields = JSON.parse(record) as Record<string, unknown> & {
    timestamp?: { epochSecond: number; nano: number };
  };
  if (fields.timestamp) return fields.timestamp.epochSecond * 1000 + fields.timestamp.nano / 1e6;
  const names = [
    'published',
    'CreatedAt',
    'Datetime',
    'When',
    'eventTime',
    '@timestamp',
    'time',
    'requestReceivedTimestamp',
  ];
  const value = names.map((name) => fields[name]).find((one) => one !== undefined);
  return typeof value === 'number' ? value : Date.parse(String(value));
}

describe('the whole', () => {
  test('a log has a gap where one was asked for, and is at work before and after', () => {
    const status = estate.files
      .filter(({ host }) => host === 'status-01')
      .flatMap(({ path }) => records.get(path) ?? []);
    const onDay = (day: string) => status.filter((line) => line.includes(`[${day}/Nov/2023`)).length;
    expect(onDay('20')).toBeGreaterThan(0);
    expect(onDay('21')).toBe(0);
    expect(onDay('22')).toBeGreaterThan(0);
    expect(estate.truth.gaps).toEqual([
      { log: 'nginx:status-01', from: '2023-11-21T00:00:00.000Z', to: '2023-11-22T00:00:00.000Z' },
    ]);
  });

  test('a gap begins and ends within the hour', async () => {
    const [from, to] = [Date.UTC(2023, 10, 8, 13, 10), Date.UTC(2023, 10, 8, 16, 50)];
    const other = await write({ events: 100_000, broken: false, gaps: [{ log: 'gateway-dns', from, to }] });
    const path = other.files.find(({ source }) => source === 'cloudflare-gateway-dns')?.path ?? '';
    const times = (await recordsOf(other, path)).map((one) => Date.parse(JSON.parse(one).Datetime));
    expect(times.filter((time) => time >= from && time < to)).toEqual([]);
    const near = (moment: number) => times.filter((time) => Math.abs(time - moment) <= 1_800_000).length;
    expect(near(from)).toBeGreaterThan(0);
    expect(near(to)).toBeGreaterThan(0);
  });

  test('about as many records as asked for; people work by day and on weekdays', () => {
    expect(estate.events).toBe(estate.files.reduce((sum, file) => sum + file.events, 0));
    expect(Math.abs(estate.events - events)).toBeLessThan(events * 0.03);
    const days = ofSource('okta').map((one) => new Date(JSON.parse(one).published).getUTCDay());
    const on = (day: number) => days.filter((one) => one === day).length;
    expect(on(3)).toBeGreaterThan(5 * on(6));
    const london = ofSource('okta').filter((one) => one.includes('"city":"London"'));
    const hours = london.map((one) => Number(JSON.parse(one).published.slice(11, 13)));
    const between = (from: number, to: number) => hours.filter((hour) => hour >= from && hour < to).length;
    expect(between(9, 17)).toBeGreaterThan(5 * between(20, 24));
  });

  test('the same seed gives the same bytes, another seed others', async () => {
    const digest = async (one: LogEstate) => {
      const hash = createHash('sha256');
      for (const { path } of one.files) hash.update(path).update(await readFile(join(one.folder, path)));
      return hash.update(JSON.stringify(one.truth)).digest('hex');
    };
    const first = await digest(estate);
    expect(await digest(await write())).toBe(first);
    const other = await write({ seed: 'another', events: 5_000 });
    expect(await digest(other)).not.toBe(first);
    // Another company, the same incident.
    expect(other.truth.moments).toEqual(estate.truth.moments);
    expect(new Set(other.truth.repositoriesViewed).size).toBe(120);
    expect(other.truth.repositoriesViewed).not.toEqual(estate.truth.repositoriesViewed);
  });

  test('memory does not grow with the number of events', async () => {
    const peakOf = async (count: number) => {
      let peak = 0;
      await write({
        events: count,
        progress: () => {
          const { heapUsed, external } = process.memoryUsage();
          peak = Math.max(peak, heapUsed + external);
        },
      });
      return peak;
    };
    const small = await peakOf(30_000);
    // 200 MB of logs more.
    expect((await peakOf(430_000)) - small).toBeLessThan(90 * 1024 * 1024);
  });

  test('what cannot be is refused', async () => {
    await expect(write({ events: 0 })).rejects.toThrow('events must be 1 to');
    await expect(write({ gaps: [{ log: 'nginx:nowhere', from: 0, to: 1 }] })).rejects.toThrow(
      'there is no log nginx:nowhere',
    );
    await expect(write({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});
