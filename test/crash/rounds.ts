/** Kills a server again and again under load, and looks each time whether anything was lost. */

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../condition.ts';
import type { TestAccount } from '../jackfield.ts';
import { addAccounts, type ServingProcess, serveOn } from '../serving.ts';
import { type Application, createClient, page } from '../wire/client.ts';
import { assertSound } from './checks.ts';
import { Ledger } from './ledger.ts';
import { type Line, runLine } from './load.ts';
import { createLot, type Lot } from './lot.ts';
import { openStore, type Store, type StoreKind } from './store.ts';

/** What came of it. */
export interface Report {
  readonly kills: number;
  /** Writes that were answered. */
  readonly acknowledged: number;
  /** Answers of 503 while the server was there. */
  readonly refused: number;
  /** Writes without an answer that were done all the same, and that were not. */
  readonly done: number;
  readonly undone: number;
  /** From the start of the process to its being ready, in ms, shortest first. */
  readonly restarts: readonly number[];
}

/** What to do. */
export interface RoundsOptions {
  readonly kind: StoreKind;
  readonly kills: number;
  readonly seed: number;
  /** Called after each kill that lost nothing. */
  readonly onRound?: (kill: number) => void;
}

/** A killed server has to be ready again within this time, in ms. */
export const READY_WITHIN_MS = 2000;

const API_KEYS = ['aaaa1111', 'bbbb2222', 'cccc3333'];

const LINES_OF_ACCOUNT = 4;

/** The longest time from the first write that a server acknowledged to its end, in ms. */
const LONGEST_LOAD_MS = 500;

/** How many kills do not wait for a write, but come while a server is still loading what it needs. */
const EARLY = 0.1;

interface Party {
  readonly account: TestAccount;
  readonly ledger: Ledger;
  readonly lines: readonly Omit<Line, 'client'>[];
}

/** @throws when a write is lost, half done or invented, or a count is wrong. */
export async function runRounds({ kind, kills, seed, onRound }: RoundsOptions): Promise<Report> {
  await using store = await openStore(kind);
  const lot = createLot(seed);
  const parties = (await addAccounts(store.url, API_KEYS)).map((account) => createParty(account, lot));
  const restarts: number[] = [];
  const doubts = { done: 0, undone: 0 };
  let server = await serveOn(store.url);
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      await killUnderLoad(server, parties, `${kill}`, lot);
      const workers = new Set(await store.workers());
      server = await serveOn(store.url);
      restarts.push(server.startMs);
      await until('what worked for the killed server to end', async () =>
        (await store.workers()).every((worker) => !workers.has(worker)),
      );
      await reconcile(store, server, parties, doubts);
      onRound?.(kill);
    }
  } catch (cause) {
    // Its end brings the last of its log.
    const { stdout } = await server.stop();
    throw new Error(`the server that was there last has logged:\n${stdout}`, { cause });
  } finally {
    await server[Symbol.asyncDispose]();
  }
  const refused = parties.reduce((sum, { ledger }) => sum + ledger.refused, 0);
  return {
    kills,
    refused,
    acknowledged: countAcknowledged(parties),
    ...doubts,
    restarts: restarts.toSorted((a, b) => a - b),
  };
}

function createParty(account: TestAccount, lot: Lot): Party {
  const ledger = new Ledger();
  const lines = Array.from({ length: LINES_OF_ACCOUNT }, (_, number) => ({
    ledger,
    lot: createLot(lot() * 2 ** 32),
    name: `${account.apiKey}-${number}`,
    own: new Set<string>(),
  }));
  return { account, ledger, lines };
}

/** @param round tells the marks of this load from those of others. */
async function killUnderLoad(
  server: ServingProcess,
  parties: readonly Party[],
  round: string,
  lot: Lot,
): Promise<void> {
  const running = parties.flatMap(({ account, lines }) =>
    lines.map((line) =>
      runLine({ ...line, name: `${line.name}-${round}`, client: createClient(server.url, account) }),
    ),
  );
  const ended = Promise.all(running);
  const isEarly = lot() < EARLY;
  const before = countAcknowledged(parties);
  const loaded = async () => {
    if (!isEarly) await until('a write', () => countAcknowledged(parties) > before);
    await pause(lot() * LONGEST_LOAD_MS);
  };
  // A wrong answer ends the wait, and so do answers that stay away.
  await Promise.race([loaded(), ended.then(() => assert.fail('answers stayed away'))]);
  await server.kill();
  await ended;
}

function countAcknowledged(parties: readonly Party[]): number {
  return parties.reduce((sum, { ledger }) => sum + ledger.acknowledged, 0);
}

async function reconcile(
  store: Store,
  { url }: ServingProcess,
  parties: readonly Party[],
  doubts: { done: number; undone: number },
): Promise<void> {
  for (const { account, ledger, lines } of parties) {
    const { done, undone } = ledger.reconcile(await listAll(url, account));
    doubts.done += done;
    doubts.undone += undone;
    const live = ledger.live();
    for (const [number, { own }] of lines.entries()) {
      own.clear();
      for (let at = number; at < live.length; at += lines.length) own.add(live[at] ?? '');
    }
  }
  await assertSound(store);
}

async function listAll(url: string, account: TestAccount): Promise<Application[]> {
  const client = createClient(url, account);
  const listed: Application[] = [];
  for (let number = 1; ; number += 1) {
    const { _embedded, total_items, total_pages } = page(await client.list(`?page_size=100&page=${number}`));
    listed.push(..._embedded.applications);
    if (number < total_pages) continue;
    assert.equal(total_items, listed.length);
    return listed;
  }
}
