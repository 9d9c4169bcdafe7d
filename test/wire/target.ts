/**
 * Decides which server the wire suite speaks to.
 *
 * With `JACKFIELD_TARGET_URL`, `JACKFIELD_TARGET_KEY`, `JACKFIELD_TARGET_SECRET` (and the last two again with `_2`, for
 * a second account) it is that server, whose two accounts are emptied; run the files one by one then
 * (`--test-concurrency=1`), for they share them. Otherwise each file starts a server of its own in its process.
 * Rows that need settings always start their own.
 */

import { createAccount } from '../../src/registry/accounts.ts';
import { type Jackfield, startJackfield, TEST_MASTER_KEY } from '../jackfield.ts';
import type { Credentials } from './client.ts';

/** A running server and two accounts of it. */
export interface Target extends AsyncDisposable {
  readonly url: string;
  readonly accounts: readonly [Credentials, Credentials];
  close(): Promise<void>;
}

function requireVariable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`JACKFIELD_TARGET_URL is set, so ${name} must be too`);
  return value;
}

function externalTarget(url: string): Target {
  const account = (suffix: string): Credentials => ({
    apiKey: requireVariable(`JACKFIELD_TARGET_KEY${suffix}`),
    apiSecret: requireVariable(`JACKFIELD_TARGET_SECRET${suffix}`),
  });
  const close = async (): Promise<void> => {};
  return { url, accounts: [account(''), account('_2')], close, [Symbol.asyncDispose]: close };
}

/** The server the suite was pointed at, or a fresh one. */
export async function openTarget(): Promise<Target> {
  const url = process.env['JACKFIELD_TARGET_URL'];
  return url === undefined || url === '' ? startJackfield() : externalTarget(url.replace(/\/$/, ''));
}

/** A fresh server in this process with these settings. */
export function startConfigured(env: Record<string, string>): Promise<Jackfield> {
  return startJackfield(env);
}

/** Makes one more account, with this API secret, on a server in this process. */
export function createCredentials(server: Jackfield, apiSecret: string): Promise<Credentials> {
  return createAccount(server.context, Buffer.from(TEST_MASTER_KEY, 'hex'), { apiSecret });
}
