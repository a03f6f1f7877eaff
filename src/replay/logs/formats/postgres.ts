/** PostgreSQL's csvlog, 26 columns. https://www.postgresql.org/docs/current/runtime-config-logging.html */
import { components } from '../cast-names.ts';
import type { Dice } from '../dice.ts';
import { mixed } from '../rhythm.ts';
import { dayName, Stamps } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { diceOf, rotated, type World } from './world.ts';

interface PostgresEvent {
  user: string;
  database: string;
  pid: number;
  from: string;
  sessionStart: number;
  sessionLine: number;
  tag: string;
  severity: 'LOG' | 'ERROR' | 'FATAL';
  code: string;
  message: string;
  query: string;
  application: string;
}

export function postgresLog(world: World): Log<PostgresEvent> {
  const dice = diceOf(world, 'postgres');
  const stamps = new Stamps();
  const starts = new Stamps();
  return {
    id: 'postgres:core-db',
    source: 'postgres-csvlog',
    host: 'core-db',
    share: 0.02,
    rhythm: mixed(0.6),
    path: rotated(world, 14, (start) => `postgresql/core-db/postgresql-${dayName(start, '-')}.csv`),
    benign: (at) => usualEvent(dice, at),
    write: (one, at) => line(stamps, starts, one, at),
  };
}

function usualEvent(dice: Dice, at: number): PostgresEvent {
  const service = dice.pick(components);
  const drawn = dice.unit();
  const common = {
    user: `${service}_reader_001`,
    database: 'core',
    pid: 2_000 + dice.below(30_000),
    from: `10.20.8.${20 + dice.below(60)}:${30_000 + dice.below(30_000)}`,
    sessionStart: at - 1_000 - dice.below(3_000_000),
    sessionLine: 1 + dice.below(9),
    application: service,
    code: '00000',
    query: '',
  };
  if (drawn < 0.35)
    return {
      ...common,
      tag: 'authentication',
      severity: 'LOG',
      message: `connection authorized: user=${common.user} database=core application_name=${service}`,
    };
  if (drawn < 0.7)
    return {
      ...common,
      tag: 'idle',
      severity: 'LOG',
      message: `disconnection: session time: 0:00:0${dice.below(9)}.${dice.below(900)} user=${common.user} database=core host=10.20.8.31`,
    };
  if (drawn < 0.98)
    // A statement over two lines, as people write them: the record has a line break within quotation marks.
    return {
      ...common,
      tag: 'SELECT',
      severity: 'LOG',
      message: `duration: ${250 + dice.below(900)}.${dice.below(999)} ms  statement: SELECT id, state\n  FROM "${service}" WHERE id = ${dice.below(99_999)}`,
    };
  return {
    ...common,
    tag: 'authentication',
    severity: 'FATAL',
    code: '28P01',
    message: `password authentication failed for user "${common.user}"`,
  };
}

function line(stamps: Stamps, starts: Stamps, one: PostgresEvent, at: number): string {
  return [
    stamps.spaced(at, '.', ' UTC'),
    csv(one.user),
    csv(one.database),
    one.pid,
    csv(one.from),
    `${Math.floor(one.sessionStart / 1000).toString(16)}.${one.pid.toString(16)}`,
    one.sessionLine,
    csv(one.tag),
    starts.spacedSeconds(one.sessionStart),
    '3/1042',
    0,
    one.severity,
    one.code,
    csv(one.message),
    ',,,,',
    csv(one.query),
    ',',
    csv(one.application),
    csv('client backend'),
    '',
    0,
  ].join(',');
}

const csv = (text: string): string => (text === '' ? '' : `"${text.replaceAll('"', '""')}"`);
