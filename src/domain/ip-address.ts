/** IP addresses as bytes: how they are written, which range they stand in, and which others stand inside them. */

/** An address: 4 bytes or 16. */
export type IpAddress = Uint8Array;

/** A range of addresses of one family. */
export interface IpRange {
  readonly bytes: IpAddress;
  readonly bits: number;
}

const PLAIN_PART = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-fA-F]{1,4}$/;
/** The name of an interface, as Node.js takes it. */
const ZONE = /^[0-9A-Za-z.:-]+$/;

/**
 * Reads an address as sockets and resolvers write it: IPv4 with dots, or IPv6, whose zone does not count.
 * Undefined for anything else.
 */
export function parseAddress(text: string): IpAddress | undefined {
  if (!text.includes(':')) return parseDotted(text);
  const zone = text.indexOf('%');
  if (zone === -1) return parseIpv6(text);
  return ZONE.test(text.slice(zone + 1)) ? parseIpv6(text.slice(0, zone)) : undefined;
}

/** Four decimal numbers without leading zeros. */
function parseDotted(text: string): IpAddress | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => PLAIN_PART.test(part) && Number(part) <= 255)) {
    return undefined;
  }
  return Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): IpAddress | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 16 ? Uint8Array.from(head) : undefined;
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** The bytes of groups with colons between them; the last one may be an IPv4 address. */
function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [at, group] of groups.entries()) {
    if (GROUP.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    const dotted = at === groups.length - 1 ? parseDotted(group) : undefined;
    if (dotted === undefined) return undefined;
    bytes.push(...dotted);
  }
  return bytes;
}

/**
 * Reads an address or a range in CIDR form; bits of the address beyond the prefix do not count.
 *
 * @throws RangeError for anything else.
 */
export function parseRange(text: string): IpRange {
  const [address = '', prefix, ...rest] = text.split('/');
  const bytes = address.includes('%') ? undefined : parseAddress(address);
  if (bytes === undefined || rest.length > 0) throw new RangeError(`${JSON.stringify(text)} is no range`);
  const most = bytes.length * 8;
  const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!(bits <= most)) throw new RangeError(`${JSON.stringify(text)} is no range`);
  return { bytes, bits };
}

/** Whether an address stands in a range; one of the other family never does. */
export function isWithin(address: IpAddress, { bytes, bits }: IpRange): boolean {
  if (address.length !== bytes.length) return false;
  const whole = bits >> 3;
  for (let at = 0; at < whole; at++) if (address[at] !== bytes[at]) return false;
  const left = bits & 7;
  return left === 0 || ((address[whole] ?? 0) ^ (bytes[whole] ?? 0)) >> (8 - left) === 0;
}

const NO_COMPATIBLE = parseRange('::/104');

/** Where IPv4 addresses stand inside IPv6 ones: a prefix, and how to take them out. */
const EMBEDDINGS: readonly (readonly [IpRange, (bytes: IpAddress) => IpAddress[]])[] = [
  // IPv4-mapped (RFC 4291 §2.5.5.2): the system connects to the address inside.
  [parseRange('::ffff:0:0/96'), takeLast],
  // IPv4-translated (RFC 2765 §2.1) and, deprecated, IPv4-compatible (RFC 4291 §2.5.5.1), which `::` and `::1` are not.
  [parseRange('::ffff:0:0:0/96'), takeLast],
  [parseRange('::/96'), (bytes) => (isWithin(bytes, NO_COMPATIBLE) ? [] : takeLast(bytes))],
  // NAT64 (RFC 6052 §2.1), and its prefix for local use (RFC 8215), where the place is up to the network.
  [parseRange('64:ff9b::/96'), takeLast],
  [parseRange('64:ff9b:1::/48'), (bytes) => [...takeLast(bytes), pick(bytes, 6, 7, 9, 10)]],
  // 6to4 (RFC 3056 §2).
  [parseRange('2002::/16'), (bytes) => [bytes.subarray(2, 6)]],
  // Teredo (RFC 4380 §4): the server, and the client with its bits turned over.
  [parseRange('2001::/32'), (bytes) => [bytes.subarray(4, 8), bytes.subarray(12).map((byte) => byte ^ 0xff)]],
];

/** The IPv4 addresses that an IPv6 address may lead to. */
export function findEmbedded(address: IpAddress): IpAddress[] {
  if (address.length === 4) return [];
  return EMBEDDINGS.flatMap(([range, take]) => (isWithin(address, range) ? take(address) : []));
}

function takeLast(bytes: IpAddress): IpAddress[] {
  return [bytes.subarray(12)];
}

function pick(bytes: IpAddress, ...places: readonly number[]): IpAddress {
  return Uint8Array.from(places, (place) => bytes[place] ?? 0);
}
