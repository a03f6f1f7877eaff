/**
 * What a person's statement may use, judged on the engine's own syntax tree of it, which is made without running
 * anything. The engine refuses other tables and table functions by the role that reads; what no privilege guards
 * (functions that read files or ask the server, settings of a part, functions applied to columns by name) is
 * refused here.
 */
import { FirebreakError } from '../../kernel/errors.ts';
import type { Lake } from '../../lake/index.ts';

/** By their names in lower case. `hasColumnInTable` connects to other servers, `ai...` to services. */
const refusedFunctions =
  /^(file|filesystem\w*|hascolumnintable|catboostevaluate|dict\w+|joinget\w*|ai\w+|getserver\w*|getsetting\w*|getmacro|getmergetreesetting|getclienthttpheader|serveruuid|hostname|fullhostname|fqdn|displayname|address\w+|sleep\w*|logtrace|generateserialid|showcertificate|(current|enabled|default)profiles|buildid|uptime|tcpport)$/;

/** A SELECT without FROM reads `system.one`. */
const ownTable = /^(system\.one|firebreak\..+|[^.]+)$/;

/** Throws refused for what is no part of a query over the lake, and bad_input for what does not parse. */
export async function checkStatement(lake: Lake, sql: string): Promise<void> {
  for (const node of await lake.syntaxTree(sql)) {
    const [, kind = '', name = ''] = /^\s*(\w+)(?: (\S+))?/.exec(node) ?? [];
    if (kind === 'Function' && refusedFunctions.test(name.toLowerCase()))
      throw refuse(`the function ${name} is no part of a query over the lake`);
    if (kind === 'TableIdentifier' && !ownTable.test(name))
      throw refuse(`the table ${name} is not one of the lake`);
    if (kind === 'Set') throw refuse('the bounds of a query are not its own to set: leave SETTINGS out');
    if (kind === 'ColumnsApplyTransformer')
      throw refuse('APPLY hides which function is called: write the function out');
  }
}

const refuse = (why: string): FirebreakError => new FirebreakError('refused', why);
