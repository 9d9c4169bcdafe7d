/** Two servers on one database, one of which is killed: each application is as if there were one server only. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLot, drawOne, type Lot } from './crash/lot.ts';
import { openStore, type Store } from './crash/store.ts';
import { isLinearizable } from './histories/linearizability.ts';
import { Recording } from './histories/recording.ts';
import { addAccounts, type ServingProcess, serveOn } from './serving.ts';
import { type Client, createClient } from './wire/client.ts';

const API_KEYS = ['aaaa1111', 'bbbb2222'];
const LINES_OF_SERVER = 3;
const STEPS_OF_LINE = 50;

/** Applications of an account that are worked on at a time: few, so that many work on each. */
const AT_A_TIME = 3;

interface Line {
  readonly recording: Recording;
  readonly lot: Lot;
  readonly name: string;
  client: Client;
  /** Where it goes on when its server is gone. */
  readonly other: Client;
}

/** @param onStep called before each step. */
async function runLine(line: Line, onStep: () => void): Promise<void> {
  for (let number = 0; number < STEPS_OF_LINE; number += 1) {
    onStep();
    if (!(await takeStep(line, `${line.name}-${number}`))) line.client = line.other;
  }
}

function takeStep({ recording, lot, client }: Line, mark: string): Promise<boolean> {
  const id = drawOne(lot, recording.ids.slice(-AT_A_TIME));
  const chance = lot();
  if (id === undefined || chance < 0.08) return recording.create(client, mark);
  if (chance < 0.45) return recording.update(client, id, mark);
  if (chance < 0.52) return recording.remove(client, id);
  return chance < 0.93 ? recording.read(client, id) : recording.list(client);
}

async function assertLinearizable(recording: Recording): Promise<number> {
  let operations = 0;
  for (const [id, history] of recording.histories()) {
    operations += history.length;
    const told = history.toSorted((a, b) => a.begun - b.begun).map((each) => JSON.stringify(each));
    assert.ok(isLinearizable(history), `${id}:\n${told.join('\n')}`);
  }
  return operations;
}

/** Runs all lines, and kills the second server when half of the steps are taken. */
async function runAll(lines: readonly Line[], killed: ServingProcess): Promise<void> {
  let steps = 0;
  let ended: Promise<unknown> | undefined;
  const onStep = () => {
    steps += 1;
    if (steps === (lines.length * STEPS_OF_LINE) / 2) ended = killed.kill();
  };
  await Promise.all(lines.map((line) => runLine(line, onStep)));
  await ended;
}

async function open(store: Store) {
  const accounts = await addAccounts(store.url, API_KEYS);
  await using opened = new AsyncDisposableStack();
  const first = opened.use(await serveOn(store.url));
  const second = opened.use(await serveOn(store.url));
  const resources = opened.move();
  return { accounts, first, second, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`two servers on one database, ${kind}`, () => {
    it('answer as one, also when one of them is killed half way', async (test) => {
      const seed = Math.floor(Math.random() * 2 ** 32);
      test.diagnostic(`seed ${seed}`);
      const lot = createLot(seed);
      await using store = await openStore(kind);
      await using opened = await open(store);
      const { accounts, first, second } = opened;
      const parties = accounts.map((account) => ({ account, recording: new Recording() }));
      const lines = parties.flatMap(({ account, recording }) =>
        [first, second].flatMap((server, side) =>
          Array.from({ length: LINES_OF_SERVER }, (_, number) => ({
            recording,
            lot: createLot(lot() * 2 ** 32),
            name: `${side}-${number}`,
            client: createClient(server.url, account),
            other: createClient(first.url, account),
          })),
        ),
      );
      await runAll(lines, second);
      for (const { account, recording } of parties) {
        assert.ok(await recording.list(createClient(first.url, account)));
        const operations = await assertLinearizable(recording);
        test.diagnostic(`${recording.ids.length} applications, ${operations} operations`);
        assert.ok(recording.ids.length > 1);
      }
    });
  });
}
