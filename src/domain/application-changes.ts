/**
 * What is recorded of a change of an application: which members, and values only where none can be a secret.
 *
 * Values are shown by a list of those that may be, so that a member nobody thought of is not.
 */

import { hash } from 'node:crypto';
import type { Application } from './application.ts';
import { originOf } from './webhook-address.ts';

/** A member that is another now, as a JSON pointer (RFC 6901); a side is absent where the member was or is. */
interface ChangedMember {
  readonly member: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** Stands for a value that is there and may be a secret. */
export const WITHHELD = '(not shown)';

/** Texts of these members come from a list of ours. */
const SHOWN_TEXTS: ReadonlySet<string> = new Set(['http_method', 'region', 'mode']);

/** Capabilities whose members anybody may make up. */
const FREE_FORM: ReadonlySet<string> = new Set(['video', 'network_apis', 'bulk']);

/** Members within members beyond this are compared as one. */
const MAX_DEPTH = 10;

/** Characters of all changed members together; those beyond are counted. */
const MAX_CHARACTERS = 4000;

/** Characters of a pointer or of a value. */
const MAX_TEXT = 200;

/** What is recorded of a new application. */
export function describeCreation({ name, publicKey, capabilities }: Application, generated: boolean) {
  const addresses: Record<string, unknown> = {};
  for (const [capability, settings] of Object.entries(capabilities)) {
    if (FREE_FORM.has(capability)) continue;
    const { webhooks = {} } = settings as { webhooks?: Record<string, { address?: string }> };
    for (const [webhook, { address }] of Object.entries(webhooks)) {
      if (address !== undefined) addresses[`${capability}.${webhook}`] = showAddress(address);
    }
  }
  return {
    name: cut(name),
    key: fingerprint(publicKey),
    key_generated: generated,
    capabilities: Object.keys(capabilities),
    addresses,
  };
}

/** What is recorded of an update: the members that changed, and how many more where they are too many. */
export function describeUpdate(before: Application, after: Application) {
  const found = new Findings();
  found.tell('/name', cut(before.name), cut(after.name), before.name !== after.name);
  const keyReplaced = before.publicKey !== after.publicKey;
  const keyOf = ({ publicKey }: Application) => (keyReplaced ? fingerprint(publicKey) : undefined);
  found.tell('/keys/public_key', keyOf(before), keyOf(after), keyReplaced);
  found.tell('/privacy/improve_ai', before.improveAi, after.improveAi, before.improveAi !== after.improveAi);
  found.compare(['capabilities'], before.capabilities, after.capabilities);
  return {
    ...(keyReplaced && { key_replaced: true }),
    changes: found.members,
    ...(found.more > 0 && { more_changes: found.more }),
  };
}

/** The SHA-256 of a public key in DER; what stands between its first and its last line. */
function fingerprint(pem: string): string {
  const base64 = pem.slice(pem.indexOf('\n'), pem.lastIndexOf('\n-'));
  return `sha256:${hash('sha256', Buffer.from(base64, 'base64'))}`;
}

class Findings {
  readonly members: ChangedMember[] = [];
  more = 0;
  #room = MAX_CHARACTERS;

  tell(member: string, from: unknown, to: unknown, isChanged: boolean): void {
    if (!isChanged) return;
    const told = {
      member: cut(member),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    };
    this.#room -= JSON.stringify(told).length;
    if (this.#room < 0) this.more += 1;
    else this.members.push(told);
  }

  compare(path: readonly string[], before: unknown, after: unknown): void {
    if (before === after) return;
    const names = path.length < MAX_DEPTH ? namesOf(before, after) : [];
    for (const name of names) this.compare([...path, name], memberOf(before, name), memberOf(after, name));
    // What holds members has changed itself only where it has come or gone, or holds none on either side.
    if (names.length > 0 && isObject(before) === isObject(after)) return;
    if (names.length > 0 && (before === undefined || after === undefined)) return;
    const isChanged = JSON.stringify(before) !== JSON.stringify(after);
    this.tell(pointerTo(path), show(path, before), show(path, after), isChanged);
  }
}

function namesOf(before: unknown, after: unknown): string[] {
  const names = [before, after].filter(isObject).flatMap((object) => Object.keys(object));
  return [...new Set(names)];
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The value as it may be told; undefined where there is none. */
function show(path: readonly string[], value: unknown): unknown {
  if (value === undefined) return undefined;
  const [, capability = '', ...rest] = path;
  if (FREE_FORM.has(capability)) return WITHHELD;
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  const name = rest.at(-1) ?? '';
  if (typeof value !== 'string') return WITHHELD;
  if (name === 'address') return showAddress(value);
  return SHOWN_TEXTS.has(name) ? cut(value) : WITHHELD;
}

/** Scheme, host and port: user, path and query may hold tokens. */
function showAddress(address: string): string {
  return cut(originOf(address) ?? WITHHELD);
}

function pointerTo(path: readonly string[]): string {
  return path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
