/** The report as Markdown (CommonMark with GitHub's tables). */
import { count } from '../../kernel/text.ts';
import { cellText } from './cells.ts';
import { moment } from './make.ts';
import type { Block, Column, Fact, OpenReport, Row } from './types.ts';

export async function* renderMarkdown({ header, sections, appendices }: OpenReport): AsyncGenerator<string> {
  const { incident, ledger, credentials } = header;
  yield `# ${escapeMarkdown(header.title)}\n\n**${escapeMarkdown(header.headline)}**\n\n`;
  yield `Incident ${incident.id}, advisory ${escapeMarkdown(incident.advisory)}, supplier ${escapeMarkdown(incident.supplier)}.  \n`;
  yield `Written ${moment(header.generatedAt)} by ${escapeMarkdown(header.generatedBy)}; everything was read when the ledger had ${count(ledger.size)} entries. Numbers in square brackets are entries of the ledger.\n\n`;
  yield `| Exposed | Proven dead | Excepted | Replaced before | Outstanding |\n|---:|---:|---:|---:|---:|\n`;
  yield `| ${count(credentials.total)} | ${count(credentials.provenDead)} | ${count(credentials.excepted)} | ${count(credentials.replaced)} | ${count(credentials.outstanding)} |\n\n`;
  for (const [index, section] of sections.entries()) {
    yield `## ${index + 1}. ${section.title}\n\n`;
    for (const block of section.blocks) yield renderBlock(block);
  }
  for (const [index, appendix] of appendices.entries()) {
    yield `## Appendix ${letterOf(index)}. ${appendix.title}\n\n${tableHead(appendix.columns)}`;
    for await (const rows of appendix.pages())
      yield rows.map((row) => tableRow(row, appendix.columns)).join('');
    yield `\n${renderFact(appendix.closing())}`;
  }
}

/** `A`, `B` */
export const letterOf = (index: number): string => String.fromCharCode(65 + index);

function renderBlock(block: Block): string {
  if (block.type === 'fact') return renderFact(block.fact);
  if (block.type === 'listing')
    return `**${escapeMarkdown(block.title)}**${cite(block.citations)}\n\n${fence(block.text)}\n\n`;
  const note = block.note === undefined ? '' : `\n${escapeMarkdown(block.note)}\n`;
  const rows = block.rows.map((row) => tableRow(row, block.columns)).join('');
  return `**${escapeMarkdown(block.title)}**\n\n${tableHead(block.columns)}${rows}${note}\n`;
}

function renderFact({ statement, at, citations, basis }: Fact): string {
  const when = at === undefined ? '' : ` (${moment(at)})`;
  const how = basis === undefined ? '' : ` *${escapeMarkdown(basis)}*`;
  return `${escapeMarkdown(statement)}${when}${cite(citations)}${how}\n\n`;
}

const cite = (citations: readonly number[]): string =>
  citations.length === 0 ? '' : ` \\[${citations.join(', ')}\\]`;

function tableHead(columns: readonly Column[]): string {
  const titles = [...columns.map((column) => escapeMarkdown(column.title)), 'Entry'];
  const rules = [...columns.map((column) => (column.kind === 'number' ? '---:' : '---')), '---'];
  return `| ${titles.join(' | ')} |\n| ${rules.join(' | ')} |\n`;
}

function tableRow(row: Row, columns: readonly Column[]): string {
  const cells = [...columns.map((column) => escapeMarkdown(cellText(row, column))), row.citations.join(', ')];
  return `| ${cells.join(' | ')} |\n`;
}

/** Text that says nothing to a Markdown reader: no markup, no HTML, no link, no table cell ends early. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? char)
    .replace(/[\\`*_[\]{}#|~!]/g, '\\$&')
    .replace(/^(\s*)([-+=]|\d+[.)])/, '$1\\$2')
    .replace(
      /:\/\/|@|www\./gi,
      (found) => `${found[0] === 'w' || found[0] === 'W' ? 'www&#46;' : found === '@' ? '&#64;' : '&#58;//'}`,
    );
}

/** A fence longer than any run of backticks inside. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  return `${marks}\n${text}\n${marks}`;
}
