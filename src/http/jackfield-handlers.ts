/** The handlers of Jackfield's own API and the use cases behind them, loaded by the first request that needs one. */

import { createKeySet, createRotate, createVerifyToken } from './application-keys.ts';
import type { Handler } from './applications.ts';
import {
  createGetDelivery,
  createListDeliveries,
  createReplay,
  createReplayMany,
  createTakeEvent,
  type DeliveryHandling,
} from './deliveries.ts';
import { createStream } from './delivery-stream.ts';

/** What the handlers work with, before the use cases are loaded. */
export type JackfieldHandling = Omit<DeliveryHandling, 'deliveries'>;

/** Loads the handlers, each by the name of what it does. */
export async function loadHandlers(handling: JackfieldHandling) {
  const { context } = handling;
  const [deliveries, applicationKeys] = await Promise.all([
    context.loadDeliveries(),
    context.loadApplicationKeys(),
  ]);
  const ofKeys = { ...handling, applicationKeys };
  const ofDeliveries = { ...handling, deliveries };
  return {
    rotate: createRotate(ofKeys),
    showKeySet: createKeySet(ofKeys),
    verifyToken: createVerifyToken(ofKeys),
    takeEvent: createTakeEvent(ofDeliveries),
    list: createListDeliveries(ofDeliveries),
    show: createGetDelivery(ofDeliveries),
    follow: createStream(ofDeliveries),
    replay: createReplay(ofDeliveries),
    replayMany: createReplayMany(ofDeliveries),
  } satisfies Record<string, Handler>;
}
