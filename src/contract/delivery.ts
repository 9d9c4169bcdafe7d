/** Events and deliveries on the wire. */

import Type from 'typebox';
import { EXAMPLE_ID } from './examples.ts';
import { CLOSED, choice } from './members.ts';

export const EXAMPLE_DELIVERY_ID = '019a1f40-11d2-7c3e-8a5b-0c7d9e1f2a3b';
const EXAMPLE_TIME = '2026-03-01T12:00:00.000Z';
const EXAMPLE_PAYLOAD = { message_uuid: 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab', text: 'Hello' };
const EXAMPLE_NCCO = [{ action: 'talk', text: 'Hello' }];

const EXAMPLE_ATTEMPT = {
  id: '6d1a4c4e-6b7f-4a0e-9d3e-2f1b5c8a7e90',
  url: 'https://example.com/webhooks/inbound',
  method: 'POST',
  started_at: EXAMPLE_TIME,
  connect_ms: 12,
  first_byte_ms: 31,
  total_ms: 32,
  status_code: 200,
  outcome: 'delivered',
  request_headers: { 'content-type': 'application/json', 'x-jackfield-delivery': EXAMPLE_DELIVERY_ID },
  response_excerpt: '',
};

function text(description: string, example: string) {
  return Type.String({ description, examples: [example] });
}

const uuid = (description: string) =>
  Type.String({ description, format: 'uuid', examples: [EXAMPLE_DELIVERY_ID] });

const time = (description: string) =>
  Type.String({
    description,
    pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
    examples: [EXAMPLE_TIME],
  });

const ms = (description: string) => Type.Number({ description, minimum: 0, examples: [12] });

const payload = (description: string) =>
  Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    description,
    additionalProperties: true,
    examples: [EXAMPLE_PAYLOAD],
  });

const webhookName = (description: string) => text(description, 'messages.inbound_url');

const Ncco = Type.Unsafe<unknown[]>({
  type: 'array',
  description: 'The call control object that the receiver answered, as it answered it.',
  items: { type: 'object', description: 'An action.', additionalProperties: true },
  examples: [EXAMPLE_NCCO],
});

/** How a delivery stands. */
export const Status = choice(
  ['delivered', 'queued', 'delivering', 'waiting', 'failed', 'gone', 'dropped'],
  'How the delivery stands: `queued`, `delivering` and `waiting` go on, the others are its end.',
);

/** An event as a client sends it. */
export const EventBody = Type.Object(
  {
    webhook: webhookName('The webhook that the event is for, as `capability.webhook`.'),
    payload: payload('The members of the event, sent as they are.'),
  },
  {
    ...CLOSED,
    description: 'An event for a webhook of an application.',
    examples: [{ webhook: 'messages.inbound_url', payload: EXAMPLE_PAYLOAD }],
  },
);

/** An event that was taken. */
export const AcceptedDelivery = Type.Object(
  {
    id: uuid('The id of the delivery.'),
    status: Status,
    replay_of: Type.Optional(uuid('The delivery that this one repeats.')),
  },
  {
    ...CLOSED,
    description: 'A delivery that was taken, and is on disk.',
    examples: [{ id: EXAMPLE_DELIVERY_ID, status: 'queued' }],
  },
);

const Attempt = Type.Object(
  {
    id: Type.String({
      description: 'The id of the attempt, which is the `jti` of its token.',
      examples: [EXAMPLE_ATTEMPT.id],
    }),
    url: text(
      'The URL that was called; without its query once the bodies were dropped.',
      EXAMPLE_ATTEMPT.url,
    ),
    method: text('The method.', 'POST'),
    started_at: time('When it began.'),
    connect_ms: Type.Optional(ms('How long it took to connect.')),
    first_byte_ms: Type.Optional(ms('How long it took until the first byte of the answer.')),
    total_ms: ms('How long it took in all.'),
    status_code: Type.Optional(
      Type.Integer({ description: 'The status of the answer, if there was one.', examples: [200] }),
    ),
    outcome: choice(
      [
        'delivered',
        'http_error',
        'redirect',
        'connect_timeout',
        'socket_timeout',
        'refused',
        'reset',
        'dns_error',
        'tls_error',
        'egress_refused',
        'bad_ncco',
      ],
      'What came of it.',
    ),
    reason: Type.Optional(text('More about the outcome, for people.', 'the answer was a 500')),
    request_headers: Type.Unsafe<Record<string, string>>({
      type: 'object',
      description: 'The headers that were sent, without the token.',
      additionalProperties: { type: 'string' },
      examples: [EXAMPLE_ATTEMPT.request_headers],
    }),
    response_excerpt: Type.Optional(text('The first 1,024 bytes of the answer, as text.', '')),
  },
  { ...CLOSED, description: 'One call.' },
);

/** The calls of a delivery. */
export const DeliveryAttempts = Type.Array(Attempt, {
  description: 'The calls that were made, oldest first.',
});

const row = {
  id: uuid('The id of the delivery.'),
  application_id: Type.String({ description: 'The application.', examples: [EXAMPLE_ID] }),
  webhook: webhookName('The webhook.'),
  status: Status,
  created_at: time('When it was taken.'),
  next_attempt_at: Type.Optional(time('When it is tried next, while it waits.')),
  replay_of: Type.Optional(uuid('The delivery that this one repeats.')),
  ncco: Type.Optional(Ncco),
  payload_bytes: Type.Optional(
    Type.Integer({
      description: 'How long the payload was, once it was dropped.',
      minimum: 0,
      examples: [64],
    }),
  ),
  payload_sha256: Type.Optional(
    Type.String({
      description: 'The SHA-256 of the payload, once it was dropped.',
      pattern: '^[0-9a-f]{64}$',
      examples: ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    }),
  ),
};

const EXAMPLE_ROW = {
  id: EXAMPLE_DELIVERY_ID,
  application_id: EXAMPLE_ID,
  webhook: 'messages.inbound_url',
  status: 'delivered',
  created_at: EXAMPLE_TIME,
};

/** A delivery as an item of a list, and as the data of an event of the stream. */
export const DeliveryItem = Type.Object(row, {
  ...CLOSED,
  description: 'A delivery in a list.',
  examples: [EXAMPLE_ROW],
});

/** A delivery with all that is known of it. */
export const DeliveryDetail = Type.Object(
  {
    ...row,
    payload: Type.Optional(payload('The payload, unless it was dropped.')),
    attempts: DeliveryAttempts,
  },
  {
    ...CLOSED,
    description: 'A delivery.',
    examples: [{ ...EXAMPLE_ROW, payload: EXAMPLE_PAYLOAD, attempts: [EXAMPLE_ATTEMPT] }],
  },
);

/** A question that was answered with an NCCO (D20). */
export const AnsweredDelivery = Type.Object(
  {
    id: uuid('The id of the delivery.'),
    status: Type.Literal('delivered', { description: 'Always `delivered`.', examples: ['delivered'] }),
    ncco: Ncco,
    attempts: DeliveryAttempts,
  },
  {
    ...CLOSED,
    description: 'What `voice.answer_url` answered.',
    examples: [
      { id: EXAMPLE_DELIVERY_ID, status: 'delivered', ncco: EXAMPLE_NCCO, attempts: [EXAMPLE_ATTEMPT] },
    ],
  },
);

/** A page of deliveries. */
export const DeliveryPage = Type.Object(
  {
    deliveries: Type.Array(DeliveryItem, { description: 'The deliveries of this page, newest first.' }),
    next_cursor: Type.Optional(
      text('What leads to the next page, as `cursor`; absent on the last.', 'MDE5YTFmNDA'),
    ),
  },
  {
    ...CLOSED,
    description: 'A page of the list of deliveries.',
    examples: [{ deliveries: [EXAMPLE_ROW], next_cursor: 'MDE5YTFmNDA' }],
  },
);

/** Which deliveries are replayed. */
export const ReplayBody = Type.Object(
  {
    application_id: text('The application.', EXAMPLE_ID),
    webhook: webhookName('The webhook.'),
    status: choice(['failed', 'delivered', 'gone', 'dropped'], 'How they ended.'),
    from: text('From when on they were taken, ISO 8601 with its zone.', EXAMPLE_TIME),
    to: text('Until when, itself not included.', '2026-03-01T13:00:00.000Z'),
  },
  {
    ...CLOSED,
    description: 'Ended deliveries of one webhook and a stretch of time.',
    examples: [
      {
        application_id: EXAMPLE_ID,
        webhook: 'messages.inbound_url',
        status: 'failed',
        from: EXAMPLE_TIME,
        to: '2026-03-01T13:00:00.000Z',
      },
    ],
  },
);

/** How many are replayed. */
export const Replayed = Type.Object(
  {
    queued: Type.Integer({ description: 'How many were queued.', minimum: 0, maximum: 1000, examples: [3] }),
  },
  { ...CLOSED, description: 'The replays that were queued.', examples: [{ queued: 3 }] },
);
