/** 10,000 events accepted while their process is killed 100 times: `npm run soak:kills`. */

import { killAgainAndAgain } from '../test/delivery/kills.ts';

const result = await killAgainAndAgain({ events: 10_000, kills: 100, withinMs: 300_000 });
process.stdout.write(`${JSON.stringify(result)}\n`);
