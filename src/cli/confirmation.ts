/** The question before something that cannot be undone. */

import { createInterface } from 'node:readline/promises';
import { CliError } from './errors.ts';

/** Where the question goes and the answer comes from. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks whether to go on; only `y` and `yes` are a yes.
 *
 * @throws `confirmation_needed` when there is nobody to ask, and `declined`.
 */
export async function requireYes(question: string, { input, output }: Terminal): Promise<void> {
  if (input.isTTY !== true) throw new CliError('confirmation_needed', `${question} Nobody is there to ask`);
  const lines = createInterface({ input, output });
  const { promise: closed, resolve } = Promise.withResolvers<string>();
  // Ctrl-C and Ctrl-D are a no.
  lines.once('SIGINT', () => lines.close());
  lines.once('close', () => resolve(''));
  const answered = lines.question(`${question} [y/N] `).catch(() => '');
  const answer = await Promise.race([answered, closed]);
  lines.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('declined', 'Nothing was done');
}
