/** The webhooks of the capabilities, as an application answers with them. */

import Type from 'typebox';
import { CONNECTION_TIMEOUT, MAX_ADDRESS_CHARACTERS, MIN_SOCKET_TIMEOUT, VOICE_WEBHOOKS } from './limits.ts';
import { CLOSED, choice } from './members.ts';

/** A webhook that has an address, a method and nothing else. */
export function webhook<const Method extends string>(
  description: string,
  { methods, example }: { methods: readonly [Method | 'POST', ...(Method | 'POST')[]]; example: string },
) {
  return Type.Object(
    { address: address(example), http_method: httpMethod(methods, 'POST') },
    { ...CLOSED, description },
  );
}

/** The webhook `name` of the `voice` capability: timeouts as well, whose bounds the name decides. */
export function voiceWebhook(name: keyof typeof VOICE_WEBHOOKS, description: string, example: string) {
  const { httpMethod: preset, maxSocketTimeout } = VOICE_WEBHOOKS[name];
  return Type.Object(
    {
      address: address(example),
      http_method: httpMethod(['GET', 'POST'], preset),
      connection_timeout: connectionTimeout(
        'How long to wait for a connection, in milliseconds, before the one further attempt.',
      ),
      connect_timeout: connectionTimeout(
        'The spelling of `connection_timeout` that most SDKs use; answers carry both, always equal.',
      ),
      socket_timeout: Type.Integer({
        description: 'How long to wait for the response, in milliseconds, before the one further attempt.',
        minimum: MIN_SOCKET_TIMEOUT,
        maximum: maxSocketTimeout,
        default: maxSocketTimeout,
        examples: [3000],
      }),
    },
    { ...CLOSED, description },
  );
}

/** What makes an address a good one, beyond its length, is told by `domain/webhook-address.ts`. */
function address(example: string) {
  return Type.String({
    description:
      'An absolute http or https URL, kept and answered exactly as it was sent; it may hold characters beyond ASCII. In a body the empty text says that the webhook is not given.',
    maxLength: MAX_ADDRESS_CHARACTERS,
    examples: [example],
  });
}

function httpMethod<const Method extends string>(methods: readonly [Method, ...Method[]], preset: Method) {
  return choice(methods, 'The method of the request made to the address.', { default: preset });
}

function connectionTimeout(description: string) {
  return Type.Integer({ description, ...CONNECTION_TIMEOUT, examples: [500] });
}
