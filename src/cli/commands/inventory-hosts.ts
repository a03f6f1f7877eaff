/** `firebreak inventory hosts`: the systems to examine and restart, and the lists that they come from. */
import { HostImportView } from '../../api/contract.ts';
import { unwrap } from '../../api/index.ts';
import { describeFault } from '../../kernel/errors.ts';
import { plural } from '../../kernel/text.ts';
import { type AddCommands, examples, given, type PageOption, pageOf, withPage } from '../command.ts';
import { followJob } from '../follow.ts';
import { number } from '../format.ts';
import type { Io } from '../io.ts';
import { bad, bold, dim, good } from '../paper.ts';
import type { Outcome } from '../world.ts';

async function importFile(io: Io, typed: string): Promise<Outcome> {
  const client = await io.client();
  const { job } = await unwrap(client.v1.inventory.hosts.imports.$post({ json: { file: io.path(typed) } }));
  const again = `firebreak inventory hosts import ${typed}`;
  const result = await followJob(io, job, { title: 'Importing', schema: HostImportView, again });
  return {
    json: result,
    print: (paper) => {
      paper.line(
        good('imported'),
        `  ${plural(result.accepted, 'host')} of ${result.file}, ${number(result.added)} new`,
      );
      for (const fault of result.rejects) paper.line('  ', bad('rejected'), `  ${describeFault(fault)}`);
      if (result.rejected > result.rejects.length)
        paper.line(dim(`  and ${number(result.rejected - result.rejects.length)} more rejected`));
    },
    exitCode: result.rejected > 0 ? 1 : 0,
  };
}

async function list(io: Io, options: PageOption & { name?: string; role?: string }): Promise<Outcome> {
  const client = await io.client();
  const query = { ...given({ host: options.name, role: options.role }), ...pageOf(options) };
  const page = await unwrap(client.v1.inventory.hosts.$get({ query }));
  const rows = page.hosts.map((one) => [
    bold(one.name),
    `${one.address}${one.port === 22 ? '' : `:${one.port}`}`,
    one.role,
    one.site,
    one.environment,
    one.after.join(' '),
  ]);
  return {
    json: page,
    print: (paper) => {
      if (rows.length === 0)
        paper.line('No host yet: firebreak inventory hosts import FILE, or fleet: hosts: in firebreak.yaml');
      else
        paper.table(
          ['host', 'address', 'role', 'site', 'environment', 'after'].map((title) => ({ title })),
          rows,
        );
      if (page.next !== null) paper.space().line(dim(`more: --after '${page.next}'`));
    },
  };
}

export const addHostCommands: AddCommands = (program, bind) => {
  const inventory = program.commands.find((command) => command.name() === 'inventory') ?? program;
  const group = inventory.command('hosts').description('systems to examine and restart');
  examples(group, [['firebreak inventory hosts list', 'what is known']]);
  examples(
    group
      .command('import')
      .argument('<file>', 'CSV with a column for the name, or JSON')
      .description('add or update hosts; lists named in firebreak.yaml are read by triage collect itself')
      .action(bind(importFile)),
    [
      [
        'firebreak inventory hosts import hosts.csv',
        'columns: name, address, port, login, role, site, environment, jump, after, boot',
      ],
    ],
  );
  examples(
    withPage(
      group
        .command('list')
        .description('hosts, a page at a time')
        .option('--name <pattern>', 'names, with * and ?')
        .option('--role <pattern>', 'roles, with * and ?'),
    ).action(bind(list)),
    [['firebreak inventory hosts list --role "web*"', 'those of a role']],
  );
};
