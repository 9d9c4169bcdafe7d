/**
 * What a body has beyond the contract's schema: members that it does not name (W14), and more items than it takes.
 *
 * It is found, and taken out, before anything looks closer, so that what the rest has to do is bounded: Ajv finds all
 * or nothing, and 256 KiB of such members cost it a second.
 */

import { ApplicationBody } from '../contract/application.ts';
import { MAX_FAULTS } from '../contract/limits.ts';
import { addFault, type Faults } from './faults.ts';
import { payloadInvalid } from './validation.ts';

/** The keywords of a JSON Schema that say what may stand in a value. */
interface Schema {
  properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: unknown;
  items?: Schema;
  maxItems?: number;
}

/** The schema as data: its type tells what bodies are, not what is written in it. */
const SCHEMA: Schema = ApplicationBody as object;

/**
 * Notes all surplus of a body; throws `payload_invalid` at once where there is too much of it (W21).
 *
 * @param text the JSON that the body was parsed from.
 */
export function collectSurplus(body: unknown, faults: Faults, text?: string): void {
  const path: string[] = [];
  let noted = 0;
  const note = (reason: string): void => {
    addFault(faults, path, reason);
    noted += 1;
    if (noted >= MAX_FAULTS) throw payloadInvalid(faults, body, text);
  };
  const visit = (value: unknown, schema: Schema): void => {
    if (Array.isArray(value)) visitItems(value, schema);
    else if (typeof value === 'object' && value !== null) visitMembers(value, schema);
  };
  const visitItems = (value: readonly unknown[], { items, maxItems = Infinity }: Schema): void => {
    if (items === undefined) return;
    if (value.length > maxItems) {
      note(`must have at most ${maxItems} items`);
      return;
    }
    for (const [index, item] of value.entries()) within(`${index}`, () => visit(item, items));
  };
  const visitMembers = (value: object, { properties, additionalProperties }: Schema): void => {
    if (properties === undefined) return;
    for (const name of Object.keys(value)) {
      const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (known !== undefined) within(name, () => visit(Reflect.get(value, name), known));
      else if (additionalProperties === false) within(name, () => note('is not a known property'));
    }
  };
  const within = (name: string, look: () => void): void => {
    path.push(name);
    look();
    path.pop();
  };
  visit(body, SCHEMA);
}
