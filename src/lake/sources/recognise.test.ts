/** Every fixture is recognised by the source it was written for, and by no other. */
import { expect, test } from 'vitest';
import { mapRecords } from '../../../test/lab/golden.ts';
import { fixtures } from '../../../test/lab/source-suite.ts';
import { sources } from './registry.ts';

test.each(sources.map((source) => [source.id, source] as const))(
  'the records of %s are recognised by no other source',
  async (id, source) => {
    const records = (await fixtures(source)).flatMap((fixture) => fixture.records);
    const events = (await mapRecords(source, records)).filter(({ reject }) => reject === '');
    const taken = events.flatMap(({ line }) =>
      sources.filter((other) => other.recognise(line)).map((other) => `${other.id}: ${line}`),
    );
    expect(taken).toEqual(events.map(({ line }) => `${id}: ${line}`));
  },
);
