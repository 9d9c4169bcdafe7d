/** The text of PostgreSQL's COPY: a line for each row, a tab between columns, `\N` for null, backslashes before what would be read otherwise. */

import type { Cell, Column, Row } from './transfer.ts';

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

const MEANT: ReadonlyMap<string, string> = new Map(
  Array.from(ESCAPED, ([character, escaped]) => [escaped.slice(1), character]),
);

/** The lines of rows, each with its line break. */
export function writeCopyText(columns: readonly Column[], rows: readonly Row[]): string {
  return rows
    .map((row) => `${columns.map((column, index) => writeCell(column, row[index] ?? null)).join('\t')}\n`)
    .join('');
}

/** The row that a line without its line break stands for. */
export function readCopyLine(columns: readonly Column[], line: string): Row {
  const cells = line.split('\t');
  return columns.map((column, index) => readCell(column, cells[index] ?? '\\N'));
}

function writeCell({ kind }: Column, cell: Cell): string {
  if (cell === null) return '\\N';
  if (kind === 'bytes') return `\\\\x${Buffer.from(cell, 'base64').toString('hex')}`;
  return kind === 'integer' || kind === 'number'
    ? cell
    : cell.replaceAll(/[\\\b\f\n\r\t\v]/g, (found) => ESCAPED.get(found) ?? found);
}

function readCell({ kind }: Column, text: string): Cell {
  if (text === '\\N') return null;
  if (kind === 'integer') return text;
  // Databases write the same number in different ways.
  if (kind === 'number') return `${Number(text)}`;
  if (kind === 'bytes') return Buffer.from(text.slice('\\\\x'.length), 'hex').toString('base64');
  return text.includes('\\')
    ? text.replaceAll(/\\(.)/g, (_, letter: string) => MEANT.get(letter) ?? letter)
    : text;
}
