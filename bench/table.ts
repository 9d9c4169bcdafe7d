/** The table: one line for each row, its figure, its target, and whether it is reached. */

import { type Outcome, type Row, reaches, type Target } from './experiment.ts';
import { spreadOf } from './figures.ts';

/** A row with what measuring it gave. */
export interface Measured {
  readonly row: Row;
  readonly outcome: Outcome;
}

function format(value: number, unit: Row['unit']): string {
  if (!Number.isFinite(value)) return '–';
  return unit === 'ratio' ? value.toFixed(2) : value.toFixed(0);
}

function formatTarget(target: Target, unit: Row['unit']): string {
  if (target === null) return '';
  const suffix = unit === 'ratio' ? '' : ` ${unit}`;
  return 'atLeast' in target
    ? `≥ ${format(target.atLeast, unit)}${suffix}`
    : `≤ ${format(target.atMost, unit)}${suffix}`;
}

/** "pass", "short", or "void" where no run counted; nothing where there is no target. */
function markOf({ row, outcome }: Measured): string {
  if (outcome.figures.length === 0) return 'void';
  if (row.target === null) return '';
  return reaches(spreadOf(outcome.figures).median, row.target) ? 'pass' : 'SHORT';
}

function composeCells(measured: Measured): string[] {
  const { row, outcome } = measured;
  const { median, min, max } = spreadOf(outcome.figures);
  const wall = outcome.wall === undefined ? '' : format(spreadOf(outcome.wall).median, row.unit);
  return [
    row.name,
    row.title,
    format(median, row.unit),
    `${format(min, row.unit)}–${format(max, row.unit)}`,
    formatTarget(row.target, row.unit),
    markOf(measured),
    wall,
    outcome.ours,
    outcome.bare,
  ];
}

const heads = ['row', 'what', 'median', 'min–max', 'target', 'mark', 'by wall', 'Jackfield', 'baseline'];

/** The whole table as text, with the notes beneath it. */
export function composeTable(rows: readonly Measured[]): string {
  const cells = [heads, ...rows.map(composeCells)];
  const widths = heads.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const notes = rows.flatMap(({ row, outcome }) => outcome.notes.map((note) => `${row.name}: ${note}`));
  return [lines[0], rule, ...lines.slice(1), '', ...notes].join('\n');
}

/** The same for programs: every figure of every round. */
export function composeReport(machine: string, rows: readonly Measured[]): string {
  const report = rows.map((measured) => ({
    ...measured.row,
    ...spreadOf(measured.outcome.figures),
    mark: markOf(measured),
    ...measured.outcome,
  }));
  return `${JSON.stringify({ measuredAt: new Date().toISOString(), machine, rows: report }, null, 2)}\n`;
}
