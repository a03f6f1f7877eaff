import { beforeAll, describe, expect, it } from 'vitest';
import { type Advisory, exposesClass, loadShipped, supplierIds, windowOf } from './index.ts';

let shipped: Map<string, Advisory>;
beforeAll(async () => {
  shipped = new Map((await loadShipped()).map((advisory) => [advisory.id, advisory]));
});
const advisory = (id: string) => shipped.get(id)!;
const iso = (span: { from: Date | null; to: Date | null } | undefined) =>
  span && [span.from?.toISOString() ?? null, span.to?.toISOString() ?? null];

describe('windowOf', () => {
  it('spans from the earliest begin to the latest end', () => {
    expect(iso(windowOf(advisory('okta-2023-10')))).toEqual([
      '2023-09-28T00:00:00.000Z',
      '2023-10-17T23:59:59.999Z',
    ]);
    expect(iso(windowOf(advisory('tj-actions-2025-03')))).toEqual([
      '2025-03-12T00:00:00.000Z',
      '2025-03-15T23:59:59.999Z',
    ]);
    expect(iso(windowOf(advisory('snowflake-2024-05'), 'password'))).toEqual([
      '2020-01-01T00:00:00.000Z',
      '2024-05-31T23:59:59.999Z',
    ]);
  });

  it('has no bound where a window has none', () => {
    expect(iso(windowOf(advisory('shai-hulud-2025-09')))).toEqual(['2025-09-14T00:00:00.000Z', null]);
    expect(iso(windowOf(advisory('context-ai-2026-04')))).toEqual([null, null]);
  });

  it('keeps to the windows of the class', () => {
    const okta = advisory('okta-2023-10');
    const narrowed: Advisory = {
      ...okta,
      exposes: okta.exposes.map((exposed) => ({ ...exposed, windows: ['user-report'] })),
    };
    expect(iso(windowOf(narrowed, 'session'))).toEqual([
      '2023-09-28T15:06:00.000Z',
      '2023-09-28T15:06:59.999Z',
    ]);
    expect(windowOf(narrowed, 'ssh-key')).toBeUndefined();
  });
});

describe('exposesClass', () => {
  it('matches the classes that the advisory names', () => {
    expect(exposesClass(advisory('okta-2023-10'), 'session')).toBe(true);
    expect(exposesClass(advisory('okta-2023-10'), 'ssh-key')).toBe(false);
  });

  it('matches every class where the advisory says only where secrets stood', () => {
    expect(exposesClass(advisory('codecov-2021-04'), 'password')).toBe(true);
    expect(exposesClass(advisory('tj-actions-2025-03'), 'cloud-key')).toBe(true);
  });

  it('matches a credential of which nobody knows the class', () => {
    expect(exposesClass(advisory('okta-2023-10'), 'unknown')).toBe(true);
  });
});

it('supplierIds gives the id and its aliases', () => {
  expect(supplierIds(advisory('okta-2023-10'))).toEqual(['okta']);
  expect(supplierIds(advisory('context-ai-2026-04'))).toEqual(['vercel', 'context-ai']);
});
