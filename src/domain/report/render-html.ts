/** The report as one HTML file: no script, no request, nothing but the file. */
import { sha256 } from '../../kernel/hash.ts';
import { count } from '../../kernel/text.ts';
import { cellText } from './cells.ts';
import { moment } from './make.ts';
import { letterOf } from './render-md.ts';
import { style } from './style.ts';
import type { Block, Column, Fact, Header, OpenAppendix, OpenReport, Row, Section } from './types.ts';

/** Only this style sheet, and no request anywhere. */
const policy = `default-src 'none'; style-src 'sha256-${sha256(style).toString('base64')}'; img-src data:; base-uri 'none'; form-action 'none'`;

export async function* renderHtml({ header, sections, appendices }: OpenReport): AsyncGenerator<string> {
  yield head(header);
  yield front(header) + contents(sections, appendices);
  for (const [index, section] of sections.entries()) {
    yield `<section aria-labelledby="${section.id}"><h2 id="${section.id}">${index + 1}. ${escapeHtml(section.title)}</h2>\n`;
    for (const block of section.blocks) yield renderBlock(block);
    yield '</section>\n';
  }
  for (const [index, appendix] of appendices.entries()) {
    const id = `appendix-${appendix.id}`;
    yield `<section aria-labelledby="${id}"><h2 class="page" id="${id}">Appendix ${letterOf(index)}. ${escapeHtml(appendix.title)}</h2>\n`;
    yield tableHead(appendix.title, appendix.columns);
    // Only the list of cited entries bears the anchors that citations lead to.
    const anchored = appendix.id === 'entries';
    for await (const rows of appendix.pages())
      yield rows.map((row) => tableRow(row, appendix.columns, anchored)).join('');
    yield `</tbody></table></div>\n${renderFact(appendix.closing(), false)}</section>\n`;
  }
  yield `<footer>${escapeHtml(header.incident.id)}, written ${moment(header.generatedAt)} from ${count(header.ledger.size)} ledger entries.</footer>\n</main>\n</body>\n</html>\n`;
}

function head(header: Header): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${escapeHtml(header.title)}: incident report</title>
<style>${style}</style>
</head>
<body>
<main>
`;
}

function front(header: Header): string {
  const { incident, ledger, credentials } = header;
  const closed =
    incident.closedAt === null
      ? 'open'
      : `closed ${moment(incident.closedAt)} by ${incident.closedBy ?? 'not known'}`;
  const about = [
    ['Incident', incident.id],
    ['Supplier', `${incident.supplier} (advisory ${incident.advisory})`],
    ['Opened', `${moment(incident.openedAt)} by ${incident.openedBy}`],
    ['Status', closed],
    ['Written', `${moment(header.generatedAt)} by ${header.generatedBy}`],
    [
      'Evidence',
      `a ledger of ${count(ledger.size)} entries when everything here was read; the numbers beside a statement are the entries that it rests on`,
    ],
  ].map(([term, text]) => `<dt>${term}</dt><dd>${escapeHtml(text ?? '')}</dd>`);
  return `<header>
<p class="kind">Incident report</p>
<h1><bdi>${escapeHtml(header.title)}</bdi></h1>
<p class="headline${header.complete ? '' : ' open'}">${escapeHtml(header.headline)}</p>
${states(credentials)}
<dl class="about">${about.join('\n')}</dl>
</header>
`;
}

function states(credentials: Header['credentials']): string {
  const { total } = credentials;
  const parts = [
    ['dead', 'proven dead', credentials.provenDead],
    ['excepted', 'excepted', credentials.excepted],
    ['replaced', 'replaced before', credentials.replaced],
    ['outstanding', 'outstanding', credentials.outstanding],
  ] as const;
  const tiles = parts.map(
    ([id, name, value]) =>
      `<li class="${value === 0 ? 'zero' : id}"><b>${count(value)}</b><span>${name}</span></li>`,
  );
  let at = 0;
  const bars = parts.map(([id, , value]) => {
    const width = total === 0 ? 0 : (value / total) * 1000;
    at += width;
    return value === 0
      ? ''
      : `<rect class="${id}" x="${(at - width).toFixed(2)}" width="${width.toFixed(2)}" height="6"/>`;
  });
  const label = parts.map(([, name, value]) => `${count(value)} ${name}`).join(', ');
  return `<ul class="states"><li><b>${count(total)}</b><span>exposed</span></li>${tiles.join('')}</ul>
<svg class="bar" viewBox="0 0 1000 6" preserveAspectRatio="none" role="img" aria-label="${label}"><rect class="none" width="1000" height="6"/>${bars.join('')}</svg>`;
}

function contents(sections: readonly Section[], appendices: readonly OpenAppendix[]): string {
  const items = sections.map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`);
  const letters = appendices.map(
    ({ id, title }) => `<li><a href="#appendix-${id}">${escapeHtml(title)}</a></li>`,
  );
  return `<nav aria-label="Contents"><h2>Contents</h2><ol>${items.join('')}</ol><ol class="letters">${letters.join('')}</ol></nav>\n`;
}

function renderBlock(block: Block): string {
  if (block.type === 'fact') return renderFact(block.fact, true);
  if (block.type === 'listing')
    return `<h3>${escapeHtml(block.title)}${cites(block.citations, true)}</h3>\n<pre>${escapeHtml(block.text)}</pre>\n`;
  const note = block.note === undefined ? '' : `<p class="note">${escapeHtml(block.note)}</p>\n`;
  const rows = block.rows.map((row) => tableRow(row, block.columns, false, true)).join('');
  return `<h3>${escapeHtml(block.title)}</h3>\n${tableHead(block.title, block.columns)}${rows}</tbody></table></div>\n${note}`;
}

function renderFact({ id, statement, at, citations, basis }: Fact, linked: boolean): string {
  const when = at === undefined ? '' : ` <span class="at">${moment(at)}</span>`;
  const how = basis === undefined ? '' : `<span class="basis">${escapeHtml(basis)}</span>`;
  return `<div class="fact" id="fact-${escapeHtml(id)}"><p>${escapeHtml(statement)}${when}${how}</p>${cites(citations, linked)}</div>\n`;
}

/** As numbers that lead to the list of cited entries, or as plain numbers. */
function cites(citations: readonly number[], linked: boolean): string {
  if (citations.length === 0) return '<span class="cites"></span>';
  const word = citations.length === 1 ? 'entry' : 'entries';
  return `<span class="cites">${word} ${numbers(citations, linked)}</span>`;
}

const numbers = (citations: readonly number[], linked: boolean): string =>
  citations.map((seq) => (linked ? `<a href="#entry-${seq}">${seq}</a>` : String(seq))).join(', ');

function tableHead(title: string, columns: readonly Column[]): string {
  const heads = columns.map(
    (column) => `<th scope="col" class="${column.kind}">${escapeHtml(column.title)}</th>`,
  );
  return `<div class="table" role="region" tabindex="0" aria-label="${escapeHtml(title)}"><table><thead><tr>${heads.join('')}<th scope="col" class="entry">Entry</th></tr></thead><tbody>\n`;
}

function tableRow(row: Row, columns: readonly Column[], anchored: boolean, linked = false): string {
  const cells = columns.map((column) => {
    const unknown = row.cells[column.id] === null || row.cells[column.id] === undefined ? ' unknown' : '';
    return `<td class="${column.kind}${unknown}">${escapeHtml(cellText(row, column))}</td>`;
  });
  const anchor = anchored && row.citations.length === 1 ? ` id="entry-${row.citations[0]}"` : '';
  return `<tr${anchor}>${cells.join('')}<td class="entry">${numbers(row.citations, linked)}</td></tr>\n`;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
