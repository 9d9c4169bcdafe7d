/** Kills a process that accepts and delivers, again and again, and looks whether anything is lost. */

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { openChild } from '../child.ts';
import { until } from '../condition.ts';
import { openReceiver } from './receiver.ts';
import { ACCOUNT, createApplication, messages, openDeliveryWorld } from './world.ts';

/** How many events, and how often their process is killed. */
export interface KillPlan {
  readonly events: number;
  readonly kills: number;
  /** How long all may take after the last kill, in ms. */
  readonly withinMs: number;
}

/** What a run came to. */
export interface KillResult {
  readonly accepted: number;
  readonly calls: number;
  readonly repeated: number;
}

/** Accepts events while their process is killed; each accepted one must arrive, under one id. */
export async function killAgainAndAgain({ events, kills, withinMs }: KillPlan): Promise<KillResult> {
  await using receiver = await openReceiver();
  await using world = await openDeliveryWorld({ delivers: false });
  const application = await createApplication(world, messages(receiver.url));
  const accepted = new Set<string>();
  const each = Math.ceil(events / 8);
  for (let kill = 0; kill < kills || accepted.size < events; kill += 1) {
    await using child = await openChild('delivering');
    child.onMessage((message) => {
      const { accepted: id } = message as { accepted?: string };
      if (id !== undefined) accepted.add(id);
    });
    await child.call('open', world.databaseUrl);
    const load = { account: ACCOUNT, application, prefix: `run-${kill}`, parallel: 8, each };
    const enough = Math.min(events, Math.ceil((events * (kill + 1)) / kills));
    const accepting = child.call('accept', load).catch(() => undefined);
    await until('enough is accepted', () => accepted.size >= enough, withinMs);
    await child.kill();
    await accepting;
  }
  await using last = await openChild('delivering');
  await last.call('open', world.databaseUrl);
  const arrived = () => new Set(receiver.calls.map(({ headers }) => headers['x-jackfield-delivery']));
  await until(
    'all that was accepted has arrived',
    async () => {
      await pause(200);
      const ids = arrived();
      return [...accepted].every((id) => ids.has(id));
    },
    withinMs,
  );
  const names = new Map<string, Set<unknown>>();
  for (const { headers, body } of receiver.calls) {
    const { name } = JSON.parse(body) as { name: string };
    names.set(name, (names.get(name) ?? new Set()).add(headers['x-jackfield-delivery']));
  }
  for (const [name, ids] of names) assert.equal(ids.size, 1, `${name} came under more than one id`);
  return {
    accepted: accepted.size,
    calls: receiver.calls.length,
    repeated: receiver.calls.length - arrived().size,
  };
}
