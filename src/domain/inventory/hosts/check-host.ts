/** Checks one record of a list of hosts. What it does not know it keeps as an attribute. */
import { z } from 'zod';
import { limits } from '../../../kernel/limits.ts';
import { printable } from '../../../kernel/text.ts';
import type { RecordFault } from '../import/types.ts';
import { bootExpectations, type Host } from './types.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse.
const printableText = /^[^\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]*$/;

const Text = z
  .string()
  .max(limits.importTextCharsMax, `at most ${limits.importTextCharsMax} characters`)
  .regex(printableText, 'text without control characters');
const HostName = z
  .string()
  .min(1, 'a name')
  .max(253, 'at most 253 characters')
  .regex(/^[A-Za-z0-9_]([A-Za-z0-9._:-]*[A-Za-z0-9_])?$/, 'a host name');
const Address = z
  .string()
  .max(253, 'at most 253 characters')
  .regex(
    /^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$|^[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?$/,
    'a host name or an IP address',
  );
const Login = Text.regex(/^([A-Za-z0-9_][A-Za-z0-9_.@$\\-]*)?$/, 'a user name');
const After = z
  .string()
  .max(260, 'at most 260 characters')
  .regex(/^(role:)?[A-Za-z0-9_][A-Za-z0-9._:-]*$/, 'a host, or role:NAME');

const fields = {
  address: Address,
  port: z.coerce
    .number({ error: 'a port' })
    .int('a whole number')
    .min(1, 'at least 1')
    .max(65_535, 'at most 65535'),
  login: Login,
  role: Text,
  site: Text,
  environment: Text,
  jump: Text,
  after: z.array(After).max(limits.hostAfterMax, `at most ${limits.hostAfterMax}`),
  boot: z.enum(bootExpectations, { error: `one of ${bootExpectations.join(', ')}` }),
};

/** Other names under which lists carry a field. */
const aliases: Readonly<Record<string, keyof typeof fields | 'name'>> = {
  hostname: 'name',
  host: 'name',
  fqdn: 'name',
  ip: 'address',
  ip_address: 'address',
  user: 'login',
  ssh_user: 'login',
  ssh_port: 'port',
  env: 'environment',
  stage: 'environment',
  datacenter: 'site',
  proxy_jump: 'jump',
  depends_on: 'after',
  reboot: 'boot',
};

const isField = (name: string): name is keyof typeof fields | 'name' => name === 'name' || name in fields;

/** The host that the record describes, or what is wrong with it. An empty value says nothing. */
export function checkHost(
  record: Readonly<Record<string, unknown>>,
): { host: Host } | { fault: RecordFault } {
  const values = new Map<string, unknown>();
  const attributes: Record<string, string> = {};
  for (const [given, value] of Object.entries(record)) {
    if (value === undefined || value === null || value === '') continue;
    const lower = given.trim().toLowerCase();
    const name = isField(lower) ? lower : aliases[lower];
    if (name !== undefined && !values.has(name)) values.set(name, value);
    else if (Object.keys(attributes).length < limits.hostAttributesMax)
      attributes[printable(given, 64)] = printable(
        typeof value === 'string' ? value : JSON.stringify(value),
        limits.importTextCharsMax,
      );
  }
  const name = HostName.safeParse(values.get('name'));
  if (!name.success) return { fault: faultOf('name', name.error, values.get('name')) };
  const checked: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(fields)) {
    const value = values.get(field);
    if (value === undefined) continue;
    const parsed = schema.safeParse(
      field === 'after' ? listOf(value) : field === 'port' ? value : textOf(value),
    );
    if (!parsed.success) return { fault: faultOf(field, parsed.error, value) };
    checked[field] = parsed.data;
  }
  return { host: { ...blank, address: name.data, ...checked, name: name.data, attributes } };
}

const blank: Omit<Host, 'name' | 'address' | 'attributes'> = {
  port: 22,
  login: '',
  role: '',
  site: '',
  environment: '',
  jump: '',
  after: [],
  boot: 'reboot',
};

const textOf = (value: unknown): unknown => (typeof value === 'number' ? String(value) : value);

/** A list, or one text with its parts set apart by spaces, commas or semicolons. */
const listOf = (value: unknown): unknown =>
  typeof value === 'string' ? value.split(/[\s,;]+/).filter((part) => part !== '') : value;

function faultOf(field: string, error: z.ZodError, value: unknown): RecordFault {
  const issue = error.issues[0];
  const expected =
    issue?.code === 'invalid_type'
      ? field === 'name'
        ? 'a host name'
        : issue.expected
      : (issue?.message ?? 'another value');
  const got = value === undefined ? 'nothing' : JSON.stringify(value);
  return { field, expected, got: printable(got, 100) };
}
