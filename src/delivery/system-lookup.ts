/** Looks names up by the resolver of the system, without giving it all threads of the process. */

import { lookup } from 'node:dns/promises';

/** Finds all addresses of a name; rejects when there are none. */
export type Lookup = (hostname: string) => Promise<readonly { readonly address: string }[]>;

/**
 * Look-ups at a time. Each holds one of the four threads of Node's pool for as long as the system waits for a name
 * server, which may be half a minute, and the hashes of credentials need those threads, too.
 */
const MAX_LOOKUPS = 2;

/** Names that may wait; their calls may have given up long ago, and this keeps them from piling up. */
const MAX_WAITING = 1000;

/** The resolver of the system, which also knows `/etc/hosts`; the order of its answers is kept. */
const resolveName: Lookup = (hostname) => lookup(hostname, { all: true, verbatim: true });

/**
 * Makes a look-up that asks for a few names at a time, in turn; whoever wants a name that is being asked for gets the
 * same answer. Nothing is kept once it is there.
 */
export function createSystemLookup(resolve: Lookup = resolveName): Lookup {
  const asked = new Map<string, ReturnType<Lookup>>();
  const waiting: (() => void)[] = [];
  let underWay = 0;
  const ask = async (hostname: string) => {
    if (underWay >= MAX_LOOKUPS) await new Promise<void>((go) => waiting.push(go));
    else underWay++;
    try {
      return await resolve(hostname);
    } finally {
      asked.delete(hostname);
      const next = waiting.shift();
      // The place goes over to who waited longest.
      if (next === undefined) underWay--;
      else next();
    }
  };
  return (hostname) => {
    const found = asked.get(hostname) ?? (waiting.length < MAX_WAITING ? ask(hostname) : undefined);
    if (found === undefined) return Promise.reject(Object.assign(new Error('busy'), { code: 'EAI_AGAIN' }));
    asked.set(hostname, found);
    return found;
  };
}
