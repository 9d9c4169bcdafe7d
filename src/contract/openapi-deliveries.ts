/** The operations on events and deliveries, as paths of the OpenAPI document of Jackfield's own API. */

import type Type from 'typebox';
import {
  AcceptedDelivery,
  AnsweredDelivery,
  DeliveryDetail,
  DeliveryPage,
  EventBody,
  EXAMPLE_DELIVERY_ID,
  ReplayBody,
  Replayed,
  Status,
} from './delivery.ts';
import { EXAMPLE_ID } from './examples.ts';
import { ADMITTED } from './openapi-headers.ts';
import { APPLICATION_ID } from './openapi-keys.ts';
import { AUTHENTICATED, headOf, optionsOf, WITH_BODY } from './openapi-methods.ts';
import {
  descriptionOf,
  exampleOf,
  jsonContent,
  type Operation,
  type Parameter,
  type Paths,
  type Response,
  reference,
  type Schema,
} from './openapi-model.ts';
import { COMMON, example } from './openapi-problem.ts';
import { errors, methodNotAllowed, validationExample } from './openapi-responses.ts';

const TAGS = ['Deliveries'];
const READ = 'GET, HEAD, OPTIONS';
const WRITE = 'POST, OPTIONS';

const PROBLEM = reference('schemas', 'Problem');

function query(name: string, description: string, schema: Schema): Parameter {
  return { name, in: 'query', description, required: false, schema };
}

const DELIVERY_ID: Parameter = {
  name: 'id',
  in: 'path',
  description: 'The id of a delivery.',
  required: true,
  schema: { type: 'string', examples: [EXAMPLE_DELIVERY_ID] },
};

const BY_APPLICATION = query('application_id', 'Only deliveries of this application.', {
  type: 'string',
  examples: [EXAMPLE_ID],
});

function answer(name: string, schema: Type.TSchema, headers: Response['headers'] = ADMITTED): Response {
  return {
    description: descriptionOf(schema),
    headers,
    content: jsonContent(reference('schemas', name), exampleOf(schema)),
  };
}

const ACCEPTED: Response = answer('AcceptedDelivery', AcceptedDelivery, {
  ...ADMITTED,
  Location: {
    description: 'The path of the delivery.',
    schema: { type: 'string', examples: [`/jackfield/v1/deliveries/${EXAMPLE_DELIVERY_ID}`] },
  },
});

function body(name: string, schema: Type.TSchema): Operation['requestBody'] & object {
  return {
    description: descriptionOf(schema),
    required: true,
    content: jsonContent(reference('schemas', name), exampleOf(schema)),
  };
}

const LAST_EVENT: Parameter = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'The id of the last event of this stream that was seen.',
  required: false,
  schema: { type: 'string', pattern: '^[0-9]{1,16}$', examples: ['41'] },
};

function conflict(description: string, detail: string): Response {
  return {
    description,
    headers: ADMITTED,
    content: jsonContent(PROBLEM, {
      conflict: example('As it stands', `${COMMON}conflict`, 'Conflict', detail),
    }),
  };
}

const INVALID_LIST: Response = {
  description: 'The query breaks rules, and every fault is named.',
  headers: ADMITTED,
  content: jsonContent(
    { anyOf: [reference('schemas', 'ValidationProblem'), PROBLEM] },
    {
      limit: validationExample(
        'A query that breaks a rule',
        'list-validation',
        'limit',
        'must be between 1 and 100',
      ),
    },
  ),
};

const FAILED: Response = {
  description: 'All attempts to get an answer of `voice.answer_url` and its fallback have failed (D22).',
  headers: ADMITTED,
  content: jsonContent(reference('schemas', 'DeliveryProblem'), {
    failed: example(
      'Nobody answered',
      `${COMMON}delivery-failed`,
      'Bad Gateway',
      'No attempt was answered with an NCCO',
      { id: EXAMPLE_DELIVERY_ID, attempts: [] },
    ),
  }),
};

const SEND: Operation = {
  operationId: 'sendEvent',
  tags: TAGS,
  summary: 'Send an event',
  description:
    'Takes an event for a webhook of an application and delivers it; it is on disk when it is answered. `voice.answer_url` is asked at once and its NCCO answered. Any other event is queued; with `?wait=true` the answer is the delivery once it has ended, or after 30 seconds what it has come to.',
  parameters: [
    query('wait', 'Whether to wait until the delivery has ended, 30 seconds at the most.', {
      type: 'string',
      enum: ['true', 'false'],
      examples: ['true'],
    }),
  ],
  requestBody: body('EventBody', EventBody),
  responses: {
    200: {
      description: 'The delivery, which has ended, or what `voice.answer_url` answered.',
      headers: ADMITTED,
      content: jsonContent(
        { anyOf: [reference('schemas', 'DeliveryDetail'), reference('schemas', 'AnsweredDelivery')] },
        {
          ended: exampleOf(DeliveryDetail).answer,
          answered: exampleOf(AnsweredDelivery).answer,
        },
      ),
    },
    202: ACCEPTED,
    ...errors({ ...WITH_BODY, 404: 'NotFound' }),
    405: methodNotAllowed(WRITE),
    409: conflict(
      'The application has not set this webhook; those it has are named. Or its callbacks are signed, and the account has no signature secret.',
      'The application has not set rtc.event_url. It has set: messages.inbound_url',
    ),
    502: FAILED,
  },
};

const LIST: Operation = {
  operationId: 'listDeliveries',
  tags: TAGS,
  summary: 'List deliveries',
  description:
    'Answers deliveries of the account, newest first. Query parameters not named here are ignored.',
  parameters: [
    BY_APPLICATION,
    query('webhook', 'Only deliveries to this webhook.', {
      type: 'string',
      examples: ['messages.inbound_url'],
    }),
    query('status', 'Only deliveries that stand like this.', Status),
    query('cursor', 'The `next_cursor` of the page before.', { type: 'string', examples: ['MDE5YTFmNDA'] }),
    query('limit', 'How many to answer at the most.', {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 20,
      examples: [50],
    }),
  ],
  responses: {
    200: answer('DeliveryPage', DeliveryPage),
    ...errors(AUTHENTICATED),
    400: INVALID_LIST,
    405: methodNotAllowed(READ),
  },
};

const GET: Operation = {
  operationId: 'getDelivery',
  tags: TAGS,
  summary: 'Get a delivery',
  description: 'Answers a delivery with its payload, unless that was dropped, and all attempts.',
  responses: {
    200: answer('DeliveryDetail', DeliveryDetail),
    ...errors({ ...AUTHENTICATED, 404: 'NoDelivery' }),
    405: methodNotAllowed(READ),
  },
};

const STREAM: Operation = {
  operationId: 'followDeliveries',
  tags: TAGS,
  summary: 'Follow deliveries',
  description:
    'Answers server-sent events: at each change of a delivery one of the name `delivery`, whose data is the row of the list and whose id rises. With `Last-Event-ID` it begins behind that event, which may be an hour old at least. A silent stream says every 15 seconds that it is there. An account may have 20 streams open; a client that takes nothing for 30 seconds is cut off.',
  parameters: [BY_APPLICATION, LAST_EVENT],
  responses: {
    200: {
      description: 'The events, without end.',
      headers: ADMITTED,
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    },
    ...errors(AUTHENTICATED),
    400: INVALID_LIST,
    405: methodNotAllowed(READ),
  },
};

const REPLAY: Operation = {
  operationId: 'replayDelivery',
  tags: TAGS,
  summary: 'Replay a delivery',
  description:
    'Sends the event of a delivery that has ended once more, as a new delivery to the address as it is now. The body is empty, or an empty object.',
  responses: {
    202: ACCEPTED,
    ...errors({ ...WITH_BODY, 404: 'NoDelivery' }),
    405: methodNotAllowed(WRITE),
    409: conflict(
      'It has not ended, its payload was dropped, or its application or webhook is gone.',
      `The delivery ${EXAMPLE_DELIVERY_ID} has not ended: it is queued`,
    ),
  },
};

const REPLAY_MANY: Operation = {
  operationId: 'replayDeliveries',
  tags: TAGS,
  summary: 'Replay many deliveries',
  description:
    'Sends the events of ended deliveries of one application, webhook, status and stretch of time once more, oldest first, 1,000 at the most; those whose payload was dropped are passed over.',
  requestBody: body('ReplayBody', ReplayBody),
  responses: {
    202: answer('Replayed', Replayed),
    ...errors({ ...WITH_BODY, 404: 'NotFound' }),
    405: methodNotAllowed(WRITE),
    409: conflict(
      'The application has not set this webhook any more.',
      'The application has not set rtc.event_url. It has set: messages.inbound_url',
    ),
  },
};

export const DELIVERY_PATHS: Paths = {
  '/jackfield/v1/applications/{id}/events': {
    parameters: [APPLICATION_ID],
    post: SEND,
    options: optionsOf('optionsEvents', TAGS, WRITE),
  },
  '/jackfield/v1/deliveries': {
    get: LIST,
    head: headOf(LIST, 'headDeliveries', 'the list'),
    options: optionsOf('optionsDeliveries', TAGS, READ),
  },
  '/jackfield/v1/deliveries/{id}': {
    parameters: [DELIVERY_ID],
    get: GET,
    head: headOf(GET, 'headDelivery', 'a delivery'),
    options: optionsOf('optionsDelivery', TAGS, READ),
  },
  '/jackfield/v1/deliveries/{id}/replay': {
    parameters: [DELIVERY_ID],
    post: REPLAY,
    options: optionsOf('optionsReplay', TAGS, WRITE),
  },
  '/jackfield/v1/deliveries/replay': {
    post: REPLAY_MANY,
    options: optionsOf('optionsReplays', TAGS, WRITE),
  },
  '/jackfield/v1/deliveries/stream': {
    get: STREAM,
    head: headOf(STREAM, 'headStream', 'the stream'),
    options: optionsOf('optionsStream', TAGS, READ),
  },
};
