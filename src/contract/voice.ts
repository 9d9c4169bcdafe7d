/** The `voice` capability, as an application answers with it. */

import Type from 'typebox';
import { CONVERSATION_TTL, LEG_PERSISTENCE_TIME, MAX_ITEMS } from './limits.ts';
import { CLOSED, choice, flag, legPersistenceTime, text } from './members.ts';
import { voiceWebhook } from './webhooks.ts';

const PaymentGateway = Type.Object(
  {
    type: Type.Optional(text('The payment provider behind the gateway.', 'Stripe')),
    credential: Type.Optional(
      text('The name of the gateway in the credentials service.', '26f2a89e-6fcd-11ed-a1eb-0242ac120002'),
    ),
    mode: Type.Optional(choice(['test', 'live'], 'Whether the gateway takes real payments.')),
  },
  { ...CLOSED, description: 'A gateway through which a call can take a payment.' },
);

const Payments = Type.Object(
  {
    gateways: Type.Optional(
      Type.Array(PaymentGateway, { description: 'The gateways to choose from.', maxItems: MAX_ITEMS }),
    ),
  },
  { ...CLOSED, description: 'How calls take payments.' },
);

const VoiceWebhooks = Type.Object(
  {
    answer_url: Type.Optional(
      voiceWebhook(
        'answer_url',
        'Asked for a call control object when a call is placed or received.',
        'https://example.com/webhooks/answer',
      ),
    ),
    fallback_answer_url: Type.Optional(
      voiceWebhook(
        'fallback_answer_url',
        'Asked in place of `answer_url` when that is offline or answers with an error.',
        'https://fallback.example.com/webhooks/answer',
      ),
    ),
    event_url: Type.Optional(
      voiceWebhook(
        'event_url',
        'Told what happens to a call, for example `ringing` and `answered`.',
        'https://example.com/webhooks/event',
      ),
    ),
  },
  { ...CLOSED, description: 'The webhooks of calls.' },
);

export const VoiceCapability = Type.Object(
  {
    signed_callbacks: flag('Whether webhook requests carry a signed token in their Authorization header.', {
      default: true,
    }),
    conversation_ttl: conversationTtl('How many hours a named conversation lives; 0 is without limit.'),
    conversations_ttl: conversationTtl(
      'The spelling of `conversation_ttl` that most SDKs use; answers carry both, always equal.',
    ),
    leg_persistence_time: legPersistenceTime({ default: LEG_PERSISTENCE_TIME.default }),
    region: Type.Optional(
      choice(
        ['na-east', 'na-west', 'eu-east', 'eu-west', 'apac-sng', 'apac-australia'],
        'The region in which calls are handled.',
      ),
    ),
    payment_enabled: Type.Optional(flag('Whether calls may take payments.')),
    payments: Type.Optional(Payments),
    webhooks: VoiceWebhooks,
  },
  { ...CLOSED, description: 'Placing and receiving calls.' },
);

function conversationTtl(description: string) {
  return Type.Integer({ description, ...CONVERSATION_TTL, examples: [30] });
}
