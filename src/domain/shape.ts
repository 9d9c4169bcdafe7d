/** Judges a body by the contract's schema, and says in our words what Ajv finds. */

import { Ajv, type ErrorObject } from 'ajv';
import { ApplicationBody } from '../contract/application.ts';
import { addFault, type Faults } from './faults.ts';

/** The keywords of the schema that a fault is explained by. */
interface Rule {
  [keyword: string]: unknown;
  type?: string | readonly string[];
  enum?: readonly (string | null)[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
}

const TYPE_PHRASES = new Map([
  ['string', 'a string'],
  ['integer', 'an integer'],
  ['boolean', 'a boolean'],
  ['object', 'an object'],
  ['array', 'an array'],
]);

const REASONS = new Map<string, (rule: Rule) => string>([
  ['required', () => 'is required'],
  ['type', ({ type = [] }) => `must be ${TYPE_PHRASES.get([type].flat()[0] ?? '') ?? 'of another type'}`],
  [
    'enum',
    ({ enum: values = [] }) => `must be one of: ${values.filter((value) => value !== null).join(', ')}`,
  ],
  ['minimum', range],
  ['maximum', range],
  ['minLength', characters],
  ['maxLength', characters],
]);

/** Compiled when this file is imported: about 20 ms, and 100 more for TypeBox and Ajv, so import it late. */
const validate = new Ajv({
  allErrors: true,
  verbose: true,
  allowUnionTypes: true,
  // What a URI must be is told by `webhook-address.ts`.
  formats: { uri: true },
  // The schema is our own and tested to be one: judging and optimizing it would double the time.
  meta: false,
  validateSchema: false,
  code: { optimize: false },
}).compile(ApplicationBody);

/** Notes all that breaks the schema of a body without surplus: missing members, types, ranges and choices. */
export function collectShapeFaults(body: unknown, faults: Faults): void {
  if (validate(body)) return;
  for (const error of validate.errors ?? []) {
    const rule: Rule = error.parentSchema ?? {};
    addFault(faults, pathOf(error), REASONS.get(error.keyword)?.(rule) ?? 'is not valid');
  }
}

/** The members from the body to the one at fault; no name in the schema has a sign that a JSON Pointer escapes. */
function pathOf({ instancePath, params }: ErrorObject): string[] {
  const path = instancePath.split('/').slice(1);
  const missing: unknown = params['missingProperty'];
  return typeof missing === 'string' ? [...path, missing] : path;
}

function range({ minimum, maximum }: Rule): string {
  return `must be between ${minimum} and ${maximum}`;
}

function characters({ minLength, maxLength }: Rule): string {
  return minLength === undefined
    ? `must be at most ${maxLength} characters`
    : `must be between ${minLength} and ${maxLength} characters`;
}
