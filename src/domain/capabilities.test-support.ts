/** Reads capabilities for tests, by themselves and as a PUT of an application that has others. */

import assert from 'node:assert/strict';
import type { Capabilities } from '../contract/capabilities.ts';
import { JackfieldError } from '../errors.ts';
import { parseApplicationBody } from './application-body.ts';

/** What is kept of capabilities. */
export function readCapabilities(capabilities: unknown, stored?: Capabilities): Capabilities {
  return parseApplicationBody({ name: 'x', capabilities }, { stored }).capabilities;
}

/**
 * The faults of capabilities, `name reason` each and without `capabilities.` before the name; none if they
 * are taken.
 */
export function faultsOf(capabilities: unknown, stored?: Capabilities): string[] {
  try {
    readCapabilities(capabilities, stored);
    return [];
  } catch (error) {
    assert.ok(error instanceof JackfieldError);
    return error.faults.map(({ name, reason }) => `${name.replace(/^capabilities\./, '')} ${reason}`);
  }
}
