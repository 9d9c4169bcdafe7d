/** `jackfield serve`: a server with the accounts somebody made and no others. */

import type { Command } from 'commander';
import { parseConfig } from '../../config.ts';
import { openLog } from '../../logger.ts';
import { wantsJson } from '../output.ts';
import { serve } from '../serving.ts';
import { addSettingFlags, readSettings } from '../setting-flags.ts';
import { awaitStopSignal } from '../stop-signal.ts';
import { readVersion } from '../version.ts';

export function defineServe(command: Command): void {
  addSettingFlags(command, 'serve');
  command.action(async () => {
    const config = parseConfig('serve', readSettings(command, 'serve'));
    const stopped = awaitStopSignal();
    const json = wantsJson(command);
    const log = await openLog(json ? { ...config.log, format: 'json' } : config.log);
    await serve({
      config,
      log,
      version: readVersion(),
      stopped,
      announce: ({ url, metricsUrl }) => {
        if (json) log.print(`${JSON.stringify({ url, metrics_url: metricsUrl })}\n`);
        else log.logger.info({ url, metricsUrl }, 'ready');
      },
    });
  });
}
