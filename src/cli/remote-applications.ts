/** Reads all applications of an account out of any server of this API, page by page. */

import { setTimeout as pause } from 'node:timers/promises';
import type { ImportItem } from '../registry/application-import.ts';
import { CliError } from './errors.ts';

/** Where to read, and as whom. */
export interface RemoteAccount {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Page sizes in the order in which they are tried: a server may take no more than it likes. */
const PAGE_SIZES = [100, 10] as const;

const TIMEOUT_MS = 30_000;

/** A request is sent this often at most; between two tries it rests 0.5, 1, 2 … s, or what the server says. */
const MAX_TRIES = 8;
const FIRST_REST_MS = 500;
const MAX_REST_MS = 60_000;

interface RemotePage {
  readonly items: readonly unknown[];
  readonly totalItems: number;
  readonly totalPages: number;
}

/**
 * The applications of an account in their order, each once.
 *
 * @throws `remote_unusable`, also when the list has changed while it was read, so that one may be missing.
 */
export async function* readRemoteApplications(account: RemoteAccount): AsyncIterable<ImportItem> {
  const collection = parseCollection(account.url);
  const seen = new Set<unknown>();
  let size: number = PAGE_SIZES[0];
  for (let number = 1; ; number += 1) {
    const found = await fetchPage(account, collection, number, size);
    size = found.size;
    const { items, totalItems, totalPages } = found.page;
    for (const [index, item] of items.entries()) {
      const id: unknown = Object(item)['id'];
      if (seen.has(id)) continue;
      seen.add(id);
      yield { place: `page ${number}, application ${index + 1}`, text: JSON.stringify(item) };
    }
    if (items.length > 0 && number < totalPages) continue;
    if (seen.size === totalItems) return;
    throw unusable(`It says that there are ${totalItems} applications, and listed ${seen.size}`);
  }
}

/** @throws `usage`. */
function parseCollection(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CliError('usage', '--from-api is no HTTP address', 'Give one such as https://api.example.com.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new CliError(
      'usage',
      '--from-api holds credentials',
      'Give them by --api-key and --api-secret-file.',
    );
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v2\/applications$/, '');
  return new URL(`${path}/v2/applications`, url.origin);
}

/** Fetches a page; the first one settles which size the server takes. */
async function fetchPage(
  account: RemoteAccount,
  collection: URL,
  number: number,
  size: number,
): Promise<{ page: RemotePage; size: number }> {
  const sizes = number === 1 ? PAGE_SIZES : [size];
  for (const [index, one] of sizes.entries()) {
    const response = await fetchPatiently(account, `${collection.href}?page_size=${one}&page=${number}`);
    if (response.status === 400 && index < sizes.length - 1) continue;
    if (!response.ok) throw refused(response.status);
    return { page: parsePage(await readJson(response)), size: one };
  }
  throw refused(400);
}

/** Sends a request again while the server is busy, out of order or not to be reached. */
async function fetchPatiently({ apiKey, apiSecret }: RemoteAccount, url: string): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
  for (let attempt = 1; ; attempt += 1) {
    let failure: string;
    let rest = FIRST_REST_MS * 2 ** (attempt - 1);
    try {
      const response = await fetch(url, {
        headers: { authorization, accept: 'application/json' },
        // Credentials go where they were meant to, and nowhere else.
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status !== 429 && response.status < 500) return response;
      failure = `It answered ${response.status}`;
      rest = readRetryAfter(response.headers.get('retry-after')) ?? rest;
      await response.body?.cancel();
    } catch (error) {
      failure = describe(error);
    }
    if (attempt === MAX_TRIES) throw unusable(`${failure}, ${MAX_TRIES} times`);
    await pause(Math.min(rest, MAX_REST_MS));
  }
}

/** Whole seconds or a date (RFC 9110 §10.2.3), in ms from now. */
function readRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : Math.max(0, until - Date.now());
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw unusable(`What it answered cannot be read: ${describe(error)}`);
  }
}

function parsePage(value: unknown): RemotePage {
  const { _embedded, total_items: totalItems, total_pages: totalPages } = Object(value);
  const items: unknown = Object(_embedded)['applications'];
  if (Array.isArray(items) && Number.isInteger(totalItems) && Number.isInteger(totalPages)) {
    return { items, totalItems, totalPages };
  }
  throw unusable('What it answered is no page of applications', 'Look at the address that --from-api names.');
}

function refused(status: number): CliError {
  const isUnknown = status === 401 || status === 403;
  return unusable(
    `It answered ${status}`,
    isUnknown
      ? 'Correct --api-key and the secret.'
      : 'Look at the address that --from-api names; `/v2/applications` is put behind it.',
  );
}

function describe(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error
    ? `${message} (${cause.message || (cause as NodeJS.ErrnoException).code})`
    : message;
}

function unusable(message: string, fix?: string): CliError {
  return new CliError('remote_unusable', message, fix);
}
