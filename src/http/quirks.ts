/** Official clients that send what the contract refuses, and the one rule that each has loosened (W60 to W63). */

import type { Leniency } from '../domain/leniency.ts';

/** What may be loosened. */
export interface Quirks extends Leniency {
  /** The largest `page_size`. */
  readonly maxPageSize: number;
  /** Past the last page `total_pages` is the page asked for. */
  readonly endlessPages: boolean;
}

/** The contract as it stands. */
export const NO_QUIRKS: Quirks = {
  maxPageSize: 100,
  endlessPages: false,
  raiseSocketTimeout: false,
  digitStringTimeouts: false,
};

const QUIRKS: ReadonlyMap<string, Quirks> = new Map([
  // W60: `listAllApplications()` always asks for 1000.
  ['vonage-java-sdk', { ...NO_QUIRKS, maxPageSize: 1000 }],
  // W61: its builders default to a `socket_timeout` of 500.
  ['vonage-dotnet', { ...NO_QUIRKS, raiseSocketTimeout: true }],
  // W62: timeouts go out as strings.
  ['vonage-php', { ...NO_QUIRKS, digitStringTimeouts: true }],
  // W63: it pages until `page` equals `total_pages`, also while it deletes.
  ['vonage-python-sdk', { ...NO_QUIRKS, endlessPages: true }],
]);

/** Finds the quirks of a client by the first product of its `User-Agent`; comments and later products do not count. */
export function findQuirks(userAgent: string | undefined): Quirks {
  const product = /^([^\s/]+)\//.exec(userAgent ?? '')?.[1];
  return (product !== undefined && QUIRKS.get(product)) || NO_QUIRKS;
}
