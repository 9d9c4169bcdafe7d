/** Which addresses may be called: what the mode allows, and what the operator adds to it (D40, D41). */

import {
  findEmbedded,
  type IpAddress,
  type IpRange,
  isWithin,
  parseAddress,
  parseRange,
} from './ip-address.ts';

/** What may be called beside what the operator allows: public addresses, or those of this machine and its private networks as well. */
export type EgressMode = 'public' | 'local';

/** The rules of a process. */
export interface EgressRules {
  readonly mode: EgressMode;
  readonly allow: readonly IpRange[];
}

/** A range that is not public, what an address in it is, and the modes that allow it all the same. */
interface Special {
  readonly range: IpRange;
  readonly what: string;
  readonly allowed: readonly EgressMode[];
}

const LOCAL: readonly EgressMode[] = ['local'];
const EVERYWHERE: readonly EgressMode[] = ['local', 'public'];

/**
 * The ranges that are not public, the narrower before the wider, so that the first one that fits counts.
 *
 * From the IANA registries of special-purpose addresses (RFC 6890 and its updates), multicast and, at the top, the
 * addresses where clouds hand out credentials. What the registries call reachable inside a refused range
 * (anycast of PCP and TURN, AS112, ORCHIDv2) is refused with it: no webhook is there.
 */
const SPECIAL: readonly Special[] = [
  special('169.254.169.254/32', 'the metadata address of a cloud'),
  special('168.63.129.16/32', 'the metadata address of a cloud'),
  special('100.100.100.200/32', 'the metadata address of a cloud'),
  special('fd00:ec2::254/128', 'the metadata address of a cloud'),
  special('fd20:ce::254/128', 'the metadata address of a cloud'),
  special('0.0.0.0/32', 'the unspecified address'),
  special('0.0.0.0/8', 'an address of "this network"'),
  special('10.0.0.0/8', 'a private address', LOCAL),
  special('100.64.0.0/10', 'an address of a carrier'),
  special('127.0.0.0/8', 'a loopback address', LOCAL),
  special('169.254.0.0/16', 'a link-local address'),
  special('172.16.0.0/12', 'a private address', LOCAL),
  special('192.0.0.0/24', 'an address for protocols'),
  special('192.0.2.0/24', 'an address for documentation'),
  special('192.31.196.0/24', 'an address for protocols'),
  special('192.52.193.0/24', 'an address for protocols'),
  special('192.88.99.0/24', 'an address of a 6to4 relay'),
  special('192.168.0.0/16', 'a private address', LOCAL),
  special('192.175.48.0/24', 'an address for protocols'),
  special('198.18.0.0/15', 'an address for benchmarks'),
  special('198.51.100.0/24', 'an address for documentation'),
  special('203.0.113.0/24', 'an address for documentation'),
  special('224.0.0.0/4', 'a multicast address'),
  special('255.255.255.255/32', 'the broadcast address'),
  special('240.0.0.0/4', 'a reserved address'),
  special('::/128', 'the unspecified address'),
  special('::1/128', 'a loopback address', LOCAL),
  // These two are no more than their IPv4 address, which is judged by itself.
  special('::ffff:0:0/96', 'an IPv4-mapped address', EVERYWHERE),
  special('64:ff9b::/96', 'a NAT64 address', EVERYWHERE),
  special('::/96', 'an IPv4-compatible address'),
  special('64:ff9b:1::/48', 'a NAT64 address for local use'),
  special('100::/64', 'an address that discards'),
  special('2001::/32', 'a Teredo address'),
  special('2001::/23', 'an address for protocols'),
  special('2001:db8::/32', 'an address for documentation'),
  special('2002::/16', 'a 6to4 address'),
  special('2620:4f:8000::/48', 'an address for protocols'),
  special('3fff::/20', 'an address for documentation'),
  special('2000::/3', 'a public address', EVERYWHERE),
  special('fc00::/7', 'a private address', LOCAL),
  special('fe80::/10', 'a link-local address'),
  special('fec0::/10', 'a site-local address'),
  special('ff00::/8', 'a multicast address'),
  special('::/0', 'a reserved address'),
];

const PUBLIC: Pick<Special, 'what' | 'allowed'> = { what: 'a public address', allowed: EVERYWHERE };

function special(range: string, what: string, allowed: readonly EgressMode[] = []): Special {
  return { range: parseRange(range), what, allowed };
}

/**
 * The rules of a mode.
 *
 * @param allow addresses and ranges in CIDR form that are allowed beside what the mode allows.
 * @throws RangeError for what is neither.
 */
export function createEgressRules(mode: EgressMode, allow: readonly string[] = []): EgressRules {
  return { mode, allow: allow.map(parseRange) };
}

/**
 * Judges an address as sockets and resolvers write it: undefined when it may be called, otherwise what it is.
 *
 * An IPv4 address inside an IPv6 one is judged as well, whatever becomes of the one around it. The reason names the
 * kind and not the address: who may set a webhook must not learn with it what names of our network resolve to.
 */
export function judgeAddress(address: string, rules: EgressRules): string | undefined {
  const parsed = parseAddress(address);
  return parsed === undefined ? 'no IP address' : judge(parsed, rules);
}

function judge(address: IpAddress, rules: EgressRules): string | undefined {
  const inside = findEmbedded(address).map((embedded) => judge(embedded, rules));
  const { what, allowed } = SPECIAL.find(({ range }) => isWithin(address, range)) ?? PUBLIC;
  const isAllowed = allowed.includes(rules.mode) || rules.allow.some((range) => isWithin(address, range));
  if (!isAllowed) return what;
  const reason = inside.find((verdict) => verdict !== undefined);
  return reason === undefined ? undefined : `${reason} inside IPv6`;
}
