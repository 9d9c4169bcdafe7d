/** One line that says how far something has come; only where a person looks. */

/** A stream that may be a terminal. */
type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;

const WIDTH = 24;

/** Written no more often than this, in ms. */
const EVERY_MS = 100;

/** Shows how far something has come; disposing of it takes the line away. */
export interface ProgressLine extends Disposable {
  /** @param total undefined when nobody knows. */
  show(name: string, done: number, total?: number): void;
  clear(): void;
}

/** @param output nothing is written when it is no terminal, or undefined. */
export function openProgressLine(output: Output | undefined, now = () => performance.now()): ProgressLine {
  const isSeen = output?.isTTY === true;
  let last = Number.NEGATIVE_INFINITY;
  const clear = () => {
    if (isSeen && last > Number.NEGATIVE_INFINITY) output.write('\r\u001b[2K');
    last = Number.NEGATIVE_INFINITY;
  };
  return {
    show: (name, done, total) => {
      if (!isSeen || now() - last < EVERY_MS) return;
      last = now();
      const text =
        total === undefined ? `${done} ${name}` : `${composeBar(done, total)} ${name} ${done} of ${total}`;
      output.write(`\r\u001b[2K${text}`);
    },
    clear,
    [Symbol.dispose]: clear,
  };
}

function composeBar(done: number, total: number): string {
  const filled = total === 0 ? WIDTH : Math.min(WIDTH, Math.floor((WIDTH * done) / total));
  return `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}]`;
}
