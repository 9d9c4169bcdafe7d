/** A child that accepts and delivers events without end, and tells the parent of each that was accepted. */

import { parseConfig, readEnv } from '../../src/config.ts';
import { type Context, openContext } from '../../src/context.ts';
import { openLog } from '../../src/logger.ts';
import { TEST_MASTER_KEY } from '../jackfield.ts';
import { answerCalls, tell } from './calls.ts';

let context: Context | undefined;

/** What is accepted, by whom, and how many. */
interface Load {
  readonly account: string;
  readonly application: string;
  readonly prefix: string;
  readonly parallel: number;
  readonly each: number;
}

function opened(): Context {
  if (context === undefined) throw new Error('nothing is open');
  return context;
}

async function acceptInTurn({ account, application, prefix, each }: Load): Promise<void> {
  const deliveries = await opened().loadDeliveries();
  for (let number = 0; number < each; number += 1) {
    const payload = { name: `${prefix}-${number}` };
    const { id } = await deliveries.accept(account, application, 'messages.inbound_url', payload);
    tell({ accepted: id });
  }
}

answerCalls({
  open: async (databaseUrl: string) => {
    const config = parseConfig(
      'serve',
      readEnv({
        JACKFIELD_DATABASE_URL: databaseUrl,
        JACKFIELD_MASTER_KEY: TEST_MASTER_KEY,
        JACKFIELD_KEY_POOL_SIZE: '0',
        JACKFIELD_EGRESS_ALLOW: '127.0.0.0/8',
        JACKFIELD_LOG_LEVEL: 'silent',
      }),
    );
    context = await openContext(config, await openLog(config.log), '0.0.0-test');
    context.courier.start();
  },
  accept: async (load: Load) => {
    const lines = Array.from({ length: load.parallel }, (_, line) =>
      acceptInTurn({ ...load, prefix: `${load.prefix}-${line}` }),
    );
    await Promise.all(lines);
  },
});
