/** PostgreSQL's csvlog: connections, failed logins, statements, and what pgaudit adds. */
import type { Source } from '../contract.ts';

const text = '(?:"(?:[^"]|"")*"|)';
/** The first seven columns: time, role, database, pid, peer, session, line. */
const record = new RegExp(
  `^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)? [A-Za-z0-9:+-]+,${text},${text},\\d*,${text},[0-9a-f]+\\.[0-9a-f]+,\\d+,`,
);

export const postgresCsvlog = {
  id: 'postgres-csvlog',
  title: 'PostgreSQL csvlog',
  docs: 'https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-CSVLOG',
  framing: 'csv',
  recognise: (line) => record.test(line),
  sigma: [
    { category: 'database', fields: { kind: 'columns', expressions: columns() } },
    { product: 'postgresql', fields: { kind: 'columns', expressions: columns() } },
  ],
  quietSecondsMax: 14_400,
} satisfies Source;

function columns(): Readonly<Record<string, string>> {
  return {
    application_name: 'actor_app_name',
    command_tag: "fields['command_tag']",
    database_name: 'resource_name',
    message: 'message',
    query: 'query_text',
    sql_state_code: 'status_code',
    user_name: 'actor_user_name',
  };
}
