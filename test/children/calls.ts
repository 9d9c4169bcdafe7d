/** The child's side of `test/child.ts`: takes calls over the channel to the parent and ends with it. */

/** What a child sends: that it is ready, or what became of a call. */
export type CallAnswer =
  | { readonly ready: true }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string; readonly code: string };

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: never;
}

/** Functions by name; each takes one value that JSON can carry. */
export type Calls = Readonly<Record<string, (argument: never) => unknown>>;

/** Says that the process is ready and answers calls until the parent goes. */
export function answerCalls(calls: Calls): void {
  process.on('message', (call: Call) => void answer(calls, call));
  process.on('disconnect', () => process.exit());
  tell({ ready: true });
}

/** Sends a message to the parent. */
export function tell(message: unknown): void {
  process.send?.(message);
}

async function answer(calls: Calls, { id, name, argument }: Call): Promise<void> {
  try {
    const value = await calls[name]?.(argument);
    tell({ id, value } satisfies CallAnswer);
  } catch (error) {
    const { message, code = '' } = error as Error & { code?: string };
    tell({ id, error: message, code } satisfies CallAnswer);
  }
}
