import { describe, expect, test } from 'vitest';
import { Sink } from '../../test/lab/cli.ts';
import { Meter, showProgress } from './progress.ts';

describe('what the meter says', () => {
  test('amount, share, rate of the last seconds, time left', () => {
    let ms = 0;
    const meter = new Meter('Rotating', () => ms);
    expect(meter.line()).toBe('Rotating: waiting, 0 s so far');
    for (ms = 0; ms <= 20_000; ms += 1_000)
      // Slow for ten seconds, then ten times as fast: what happens now is what counts.
      meter.take({
        done: ms <= 10_000 ? ms / 100 : 100 + (ms - 10_000) / 10,
        total: 2_100,
        unit: 'credentials',
        at: 'wave 2',
      });
    ms = 20_000;
    expect(meter.line()).toBe(
      'Rotating: 1,100 of 2,100 credentials (52 %), 100/s, 10 s left, wave 2, 20 s so far',
    );
    expect(meter.bar(100)).toMatch(
      /^Rotating {2}█+░+ {2}52 % {2}1,100 of 2,100 {2}100\/s {2}10 s left {2}wave 2$/,
    );
  });

  test('a stall lowers the rate, and the end is never announced early', () => {
    let ms = 0;
    const meter = new Meter('X', () => ms);
    meter.take({ done: 0, total: 1_000, unit: 'bytes' });
    ms = 1_000;
    meter.take({ done: 999, total: 1_000, unit: 'bytes' });
    expect(meter.line()).toContain('(99 %)');
    ms = 60_000;
    expect(meter.line()).toContain('17 bytes/s');
  });

  test('where pieces cost time of their own, they are told, and the time left is not by the bytes alone', () => {
    let ms = 0;
    const meter = new Meter('Reading logs', () => ms);
    const take = (done: number, files: number) =>
      meter.take({
        done,
        total: 130e6,
        unit: 'bytes',
        pieces: { done: files, total: 2_001, unit: 'files' },
        at: 'a.log',
      });
    take(0, 0);
    // One large file in a second, then ten small ones a second.
    for (let second = 1; second <= 20; second++) {
      ms = second * 1_000;
      take(127e6 + (second - 1) * 15_000, 1 + (second - 1) * 10);
    }
    expect(meter.line()).toMatch(
      /^Reading logs: 127.3 MB of 130.0 MB \(97 %\), 191 of 2,001 files, .*, 2 min 5\d s left, a.log, 20 s so far$/,
    );
  });

  test('without a total there is no share and no end', () => {
    let ms = 0;
    const meter = new Meter('Discovering', () => ms);
    meter.take({ done: 0, total: null, unit: 'credentials' });
    ms = 2_000;
    meter.take({ done: 500, total: null, unit: 'credentials', at: 'core-db\u001b[2J' });
    expect(meter.line()).toBe('Discovering: 500 credentials, 250/s, core-db\\u001b[2J, 2 s so far');
    expect(meter.bar(30).length).toBeLessThan(30);
  });
});

test('without a terminal it writes a line now and then, also while nothing moves', async () => {
  const stream = new Sink();
  const view = showProgress('Scanning', { stream, isTTY: false, everyMs: 5 });
  await expect.poll(() => stream.text).toMatch(/Scanning: waiting.*\nScanning: waiting/);
  view.update({ done: 1, total: 2, unit: 'bytes' });
  await expect.poll(() => stream.text).toContain('1 bytes of 2 bytes (50 %)');
  view.end();
  view.end();
  const { text } = stream;
  await new Promise((resolve) => setImmediate(resolve));
  expect(stream.text).toBe(text);
});

test('on a terminal it draws one line again and again, and clears it', async () => {
  const stream = Object.assign(new Sink(), { isTTY: true, columns: 80 });
  const view = showProgress('Scanning', { stream, isTTY: true, columns: 80 });
  view.update({ done: 1, total: 2, unit: 'bytes' });
  await expect.poll(() => stream.text).toContain('50 %');
  view.end();
  expect(stream.text).not.toContain('\n');
});
