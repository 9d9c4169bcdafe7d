/** How many rows of each table have gone from one place to another, for people. */

import { composePairs } from './output.ts';

export function composeCounts(rows: Readonly<Record<string, number>>): string {
  return composePairs(Object.entries(rows).map(([table, count]) => [table, String(count)]));
}
