/** The guard of outgoing calls: finds the addresses that a URL leads to, once, and refuses what may not be called (D40). */

import { isIP } from 'node:net';
import { type EgressRules, judgeAddress } from '../domain/egress-rules.ts';
import type { Lookup } from './system-lookup.ts';

/** Where a call goes, before any name is looked up. */
export interface Target {
  readonly protocol: 'http:' | 'https:';
  /** Scheme, host and port, as undici takes it. */
  readonly origin: string;
  /** A name without dots at its end, or an address without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** The path and the query, byte for byte as the call has them. */
  readonly path: string;
  /** The addresses of a host that needs no look-up. */
  readonly addresses: readonly string[] | undefined;
}

/** Why there is nothing to connect to. */
export interface Refusal {
  readonly outcome: 'egress_refused' | 'dns_error';
  readonly reason: string;
}

const DISPUTED = /[\0- \x7f\\]/;

/** `localhost` and names beneath it are loopback whatever a resolver says (RFC 6761 §6.3). */
const LOCALHOST = /(?:^|\.)localhost$/;
const LOOPBACK = ['127.0.0.1', '::1'];

/**
 * Reads where a URL leads. Every odd spelling of an IPv4 address (`0x7f.1`, `2130706433`, `127.1`, full-width
 * digits) is an address after the WHATWG parser, which also refuses zones.
 */
export function readTarget(text: string): Target | Refusal {
  // Parsers disagree about these, and no address of an application has them (W18).
  const url = DISPUTED.test(text) ? null : URL.parse(text);
  if (url === null) return refuse('the address is no URL');
  const { protocol, origin, username, password, port } = url;
  if (protocol !== 'http:' && protocol !== 'https:') return refuse('the address is neither http nor https');
  if (username !== '' || password !== '') return refuse('the address holds a user name or a password');
  if (port === '0') return refuse('the address has the port 0');
  const hostname = url.hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  return {
    protocol,
    origin,
    hostname,
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    // What the parser would write anew in a query goes out as it stands.
    path: text.startsWith(`${origin}/`) ? cutFragment(text.slice(origin.length)) : url.pathname + url.search,
    addresses: LOCALHOST.test(hostname) ? LOOPBACK : isIP(hostname) === 0 ? undefined : [hostname],
  };
}

function cutFragment(path: string): string {
  const fragment = path.indexOf('#');
  return fragment === -1 ? path : path.slice(0, fragment);
}

/** Looks a name up, once; what comes of it is what is connected to. */
export async function findAddresses(hostname: string, lookup: Lookup): Promise<readonly string[] | Refusal> {
  try {
    const found = await lookup(hostname);
    if (found.length > 0) return found.map(({ address }) => address);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { outcome: 'dns_error', reason: `the name does not resolve (${code ?? 'unknown error'})` };
  }
  return { outcome: 'dns_error', reason: 'the name has no address' };
}

/**
 * Judges all addresses that a host has: one that may not be called refuses the call, since nobody but an attacker or
 * a mistake mixes public and private addresses under a name.
 */
export function judgeAddresses(addresses: readonly string[], rules: EgressRules): Refusal | undefined {
  for (const address of addresses) {
    const what = judgeAddress(address, rules);
    if (what !== undefined) return refuse(`the host is ${what}`);
  }
  return undefined;
}

function refuse(reason: string): Refusal {
  return { outcome: 'egress_refused', reason };
}
