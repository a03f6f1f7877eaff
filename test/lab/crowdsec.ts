/**
 * Real log lines with what CrowdSec's own parsers read in them (github.com/crowdsecurity/hub, `.tests`), where they
 * are at hand: folders of `*.log` and `parser.assert`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFolder } from './golden.ts';

export const crowdsecFolder = sharedFolder('crowdsec');

export interface CrowdsecLine {
  line: string;
  /** What was read: `source_ip`, `target_user`, `http_status`... */
  meta: Readonly<Record<string, string>>;
}

/** The lines of all folders whose name matches, each with what was read in it, if anything was. */
export function crowdsecLines(folders: RegExp, parser: string): CrowdsecLine[] {
  if (crowdsecFolder === undefined) return [];
  const names = readdirSync(crowdsecFolder).filter((name) => folders.test(name));
  return names.flatMap((name) => linesOf(join(crowdsecFolder ?? '', name), parser));
}

function linesOf(folder: string, parser: string): CrowdsecLine[] {
  const log = readdirSync(folder).find((name) => name.endsWith('.log')) ?? '';
  const lines = readFileSync(join(folder, log), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const asserted = assertions(join(folder, 'parser.assert'), parser);
  return lines.map((line) => {
    // The numbers of the assertions leave out lines that an earlier stage dropped: the message tells which it is.
    const index = asserted.findIndex(({ message }) => message !== undefined && line.includes(message));
    const [meta = {}] = index < 0 ? [] : asserted.splice(index, 1);
    return { line, meta };
  });
}

function assertions(file: string, parser: string): Record<string, string>[] {
  const found: Record<string, string>[] = [];
  if (!existsSync(file)) return found;
  const pattern =
    /^results\["s01-parse"\]\["([^"]+)"\]\[(\d+)\]\.Evt\.(Meta|Parsed)\["([^"]+)"\] == (".*")$/gm;
  for (const [, by, index, part, name = '', value = ''] of readFileSync(file, 'utf8').matchAll(pattern)) {
    if (by !== parser || (part === 'Parsed' && name !== 'message')) continue;
    found[Number(index)] = { ...found[Number(index)], [name]: unquote(value) };
  }
  return found.filter((one) => one !== undefined);
}

/** A text as Go quotes it, which JSON nearly does. */
function unquote(text: string): string {
  try {
    return JSON.parse(text.replace(/\\x([0-9a-f]{2})/gi, '\\u00$1'));
  } catch {
    return text.slice(1, -1);
  }
}
