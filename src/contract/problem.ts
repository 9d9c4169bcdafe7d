/** The documents that errors are answered with. */

import Type from 'typebox';
import { DeliveryAttempts, EXAMPLE_DELIVERY_ID } from './delivery.ts';
import { MAX_FAULTS } from './limits.ts';
import { CLOSED } from './members.ts';

const members = {
  type: Type.String({
    description: 'A URI that names the kind of error.',
    format: 'uri',
    examples: ['https://developer.vonage.com/api-errors#not-found'],
  }),
  title: Type.String({ description: 'The kind of error in a few words.', examples: ['Not Found'] }),
  detail: Type.String({
    description: 'What is wrong with this request.',
    examples: [`ID '019a1f3e-7c52-7b84-9d36-4f0b8a2c6e51' does not exist, or you do not have access`],
  }),
  instance: Type.String({
    description: 'The id of this request, the same as in `X-Request-Id` and in the log.',
    pattern: '^[0-9a-f]{32}$',
    examples: ['6f0d2c9be1a84d35b7c1f4e08a9d2b63'],
  }),
};

/** Any error (W40 to W49, W57). */
export const Problem = Type.Object(members, {
  ...CLOSED,
  description: 'What went wrong.',
});

const InvalidParameter = Type.Object(
  {
    name: Type.String({
      description: 'The path of the member, with dots; members of arrays by their index.',
      examples: ['capabilities.voice.webhooks.answer_url.http_method'],
    }),
    reason: Type.String({
      description: 'What is wrong with it.',
      examples: ['must be one of: GET, POST'],
    }),
  },
  { ...CLOSED, description: 'One fault.' },
);

/** A body or a query that breaks rules (W40, W41). */
export const ValidationProblem = Type.Object(
  {
    ...members,
    invalid_parameters: Type.Array(InvalidParameter, {
      description:
        'All that is wrong, up to 1,000 faults: missing members first, then in the order of the body.',
      minItems: 1,
      maxItems: MAX_FAULTS,
    }),
  },
  { ...CLOSED, description: 'What went wrong, member by member.' },
);

/** Too many requests (W48). */
export const RateLimitProblem = Type.Object(
  {
    ...members,
    retry_after: Type.Integer({
      description: 'After how many seconds to try again.',
      minimum: 1,
      examples: [1],
    }),
  },
  { ...CLOSED, description: 'Too many requests.' },
);

/** What `/readyz` answers while requests cannot be served (W49). */
export const UnreadyProblem = Type.Object(
  {
    ...members,
    status: Type.Literal('unavailable', { description: 'Always `unavailable`.', examples: ['unavailable'] }),
    database: Type.Enum(['ok', 'unreachable'], {
      description: 'Whether the database answered.',
      examples: ['unreachable'],
    }),
  },
  { ...CLOSED, description: 'Requests cannot be served now.' },
);

/** Nobody answered a question with an NCCO. */
export const DeliveryProblem = Type.Object(
  {
    ...members,
    id: Type.String({
      description: 'The id of the delivery.',
      format: 'uuid',
      examples: [EXAMPLE_DELIVERY_ID],
    }),
    attempts: DeliveryAttempts,
  },
  { ...CLOSED, description: 'A delivery whose attempts have all failed.' },
);
