/** What the log says of deliveries: ids, states and times, never what is in them (D34). */

import type { DeliveryStatus } from '../domain/delivery.ts';
import type { AttemptRow } from '../storage/delivery-attempts.ts';
import type { Lane } from '../storage/delivery-lanes.ts';

/** The part of a logger that is needed here. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Tells what becomes of deliveries. */
export class DeliveryLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** What went well is told to those who look closely only. */
  tellSettled(
    lane: Lane,
    delivery: string,
    {
      status,
      attempts,
      dueAt,
    }: { status: DeliveryStatus; attempts: readonly AttemptRow[]; dueAt: number | null },
  ): void {
    const last = attempts.at(-1);
    const fields = {
      ...nameDelivery(lane, delivery),
      status,
      attempts: attempts.length,
      outcome: last?.outcome,
      statusCode: last?.status_code ?? undefined,
      ms: last === undefined ? undefined : Math.round(last.total_ms),
      nextAttemptAt: dueAt === null ? undefined : new Date(dueAt).toISOString(),
    };
    if (status === 'delivered') this.#logger.debug(fields, 'delivered');
    else this.#logger.info(fields, 'not delivered');
  }

  /** Somebody else has taken the delivery, because this process did not keep its lease. */
  tellLost(lane: Lane, delivery: string): void {
    this.#logger.warn(nameDelivery(lane, delivery), 'a delivery was taken by another process meanwhile');
  }

  tellUnsigned(errand: { account: string; applicationId: string; delivery: string }, error: Error): void {
    const { account, applicationId: application, delivery } = errand;
    this.#logger.error(
      { account, application, delivery, err: error },
      'a delivery cannot be signed; it waits',
    );
  }

  /** The work goes on by itself when the cause is gone. */
  tellTrouble(error: unknown, what: string): void {
    this.#logger.warn({ err: error }, what);
  }
}

function nameDelivery({ account, application, webhook }: Lane, delivery: string) {
  return { account, application, webhook, delivery };
}
