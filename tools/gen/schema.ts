/** The database's schema as text: SQL for people and for diffs, TypeScript for the query builder. */
import type pg from 'pg';

interface Column {
  table: string;
  name: string;
  type: string;
  notNull: boolean;
  default: string | null;
}

async function readColumns(pool: pg.Pool): Promise<Map<string, Column[]>> {
  const { rows } = await pool.query<Column>(`
    select c.relname as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
           a.attnotnull as "notNull", pg_get_expr(d.adbin, d.adrelid) as "default"
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relkind in ('r', 'v') and c.relname not like 'kysely_%'
    order by c.relname, a.attnum`);
  return groupByTable(rows);
}

/** Map.groupBy is missing in Node 20. */
function groupByTable(rows: Column[]): Map<string, Column[]> {
  const groups = new Map<string, Column[]>();
  for (const row of rows) groups.set(row.table, [...(groups.get(row.table) ?? []), row]);
  return groups;
}

async function lines(pool: pg.Pool, query: string): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(query);
  return rows.map((row) => row.line);
}

/** Tables with columns, constraints, indexes, triggers and functions, in a stable order. */
export async function describeSchema(pool: pg.Pool): Promise<string> {
  const parts = ['-- Written by `npm run gen` from the migrations; a test compares it. Do not edit.'];
  for (const [table, columns] of await readColumns(pool)) {
    const constraints = await lines(
      pool,
      `select '  constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line from pg_constraint
       where conrelid = 'public.${table}'::regclass and contype <> 'n' order by contype desc, conname`,
    );
    const body = columns.map(
      (column) =>
        `  ${column.name} ${column.type}${column.notNull ? ' not null' : ''}${column.default === null ? '' : ` default ${column.default}`}`,
    );
    const view = await lines(
      pool,
      `select definition as line from pg_views where schemaname = 'public' and viewname = '${table}'`,
    );
    parts.push(
      view[0]
        ? `view ${table} as\n${view[0]}`
        : `table ${table} (\n${[...body, ...constraints].join(',\n')}\n);`,
    );
  }
  parts.push(
    ...(await lines(
      pool,
      `select indexdef || ';' as line from pg_indexes where schemaname = 'public' and tablename not like 'kysely_%'
       order by tablename, indexname`,
    )),
    ...(await lines(
      pool,
      `select pg_get_triggerdef(t.oid) || ';' as line from pg_trigger t where not t.tgisinternal order by tgname`,
    )),
    ...(await lines(
      pool,
      `select pg_get_functiondef(p.oid) || ';' as line from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname = 'public' order by proname`,
    )),
  );
  return `${parts.join('\n\n')}\n`;
}

const scalar: Record<string, string> = {
  text: 'string',
  bigint: 'number',
  integer: 'number',
  boolean: 'boolean',
  bytea: 'Buffer',
  jsonb: 'unknown',
  'timestamp with time zone': 'Date',
  'double precision': 'number',
};

/** The `Tables` interface for Kysely: what a row is when read; columns with a default may be left out when written. */
export async function describeTables(pool: pg.Pool): Promise<string> {
  const tables: string[] = [];
  for (const [table, columns] of await readColumns(pool)) {
    const fields = columns.map((column) => {
      const base = column.type.endsWith('[]')
        ? `${scalarOf(column.type.slice(0, -2))}[]`
        : scalarOf(column.type);
      const type = column.notNull ? base : `${base} | null`;
      const optional = column.default !== null;
      return `    ${column.name}: ${optional ? `Generated<${type}>` : type};`;
    });
    tables.push(`  ${table}: {\n${fields.join('\n')}\n  };`);
  }
  const header = '// Written by `npm run gen` from the migrations; a test compares it. Do not edit.';
  return `${header}\nimport type { Generated } from 'kysely';\n\nexport interface Tables {\n${tables.join('\n')}\n}\n`;
}

function scalarOf(type: string): string {
  const known = scalar[type];
  if (known === undefined)
    throw new Error(`no TypeScript type for column type ${type}: add it to tools/gen/schema.ts`);
  return known;
}
