/**
 * The capabilities of an application, as it answers with them; `asSent` makes of them what a client may send.
 */

import Type from 'typebox';
import { CLOSED, choice, flag, freeForm, legPersistenceTime, text } from './members.ts';
import { VoiceCapability } from './voice.ts';
import { webhook } from './webhooks.ts';

const MessagesCapability = Type.Object(
  {
    version: text('The version of the Messages API whose format the webhooks have.', 'v1', { default: 'v1' }),
    authenticate_inbound_media: Type.Optional(flag('Whether fetching inbound media takes authentication.')),
    webhooks: Type.Object(
      {
        inbound_url: Type.Optional(
          webhook('Sent each inbound message.', {
            methods: ['POST'],
            example: 'https://example.com/webhooks/inbound',
          }),
        ),
        status_url: Type.Optional(
          webhook('Told what became of a message, for example `delivered` and `seen`.', {
            methods: ['POST'],
            example: 'https://example.com/webhooks/status',
          }),
        ),
      },
      { ...CLOSED, description: 'The webhooks of messages.' },
    ),
  },
  { ...CLOSED, description: 'Sending and receiving messages.' },
);

const RtcCapability = Type.Object(
  {
    signed_callbacks: Type.Optional(
      flag('Whether webhook requests carry a signed token; they do where this is absent.'),
    ),
    leg_persistence_time: Type.Optional(legPersistenceTime()),
    webhooks: Type.Object(
      {
        event_url: Type.Optional(
          webhook('Sent the events of conversations.', {
            methods: ['GET', 'POST'],
            example: 'https://example.com/webhooks/event',
          }),
        ),
      },
      { ...CLOSED, description: 'The webhooks of conversations.' },
    ),
  },
  { ...CLOSED, description: 'Conversations in real time.' },
);

const MeetingsCapability = Type.Object(
  {
    webhooks: Type.Object(
      {
        room_changed: meetingsWebhook('Told when a room changes.'),
        session_changed: meetingsWebhook('Told when a session changes.'),
        recording_changed: meetingsWebhook('Told when a recording changes.'),
      },
      { ...CLOSED, description: 'The webhooks of meetings.' },
    ),
  },
  { ...CLOSED, description: 'Meetings by video.' },
);

function meetingsWebhook(description: string) {
  return Type.Optional(
    webhook(description, {
      methods: ['GET', 'POST', 'PUT'],
      example: 'https://example.com/webhooks/meetings',
    }),
  );
}

const VerifyCapability = Type.Object(
  {
    version: Type.Optional(choice(['v2'], 'The version of the Verify API.')),
    webhooks: Type.Object(
      {
        status_url: Type.Optional(
          webhook('Told how a verification goes on, for example `completed`.', {
            methods: ['POST'],
            example: 'https://example.com/webhooks/status',
          }),
        ),
      },
      { ...CLOSED, description: 'The webhooks of verifications.' },
    ),
  },
  { ...CLOSED, description: 'Verifying people by a second factor.' },
);

const VbcCapability = Type.Object(
  {},
  { ...CLOSED, description: 'Zero-rated calls for VBC number programmability; always empty.' },
);

const NetworkApisCapability = Type.Unsafe<
  Record<string, unknown> & { network_application_id?: string; redirect_uri?: string }
>({
  ...freeForm('The APIs of mobile networks; members not named here are kept and answered as sent.'),
  properties: {
    network_application_id: Type.String({
      description: 'What the application is called at the network.',
      examples: ['2bzfIFqRG128IcjSj1YhZNtw6LADG'],
    }),
    redirect_uri: Type.String({
      description: 'The absolute URI to which the network redirects.',
      format: 'uri',
      examples: ['https://example.com/redirect'],
    }),
  },
});

export const Capabilities = Type.Object(
  {
    voice: Type.Optional(VoiceCapability),
    messages: Type.Optional(MessagesCapability),
    rtc: Type.Optional(RtcCapability),
    meetings: Type.Optional(MeetingsCapability),
    vbc: Type.Optional(VbcCapability),
    verify: Type.Optional(VerifyCapability),
    video: Type.Optional(freeForm('Video sessions; every member is kept and answered as sent.')),
    network_apis: Type.Optional(NetworkApisCapability),
    bulk: Type.Optional(freeForm('Sending in bulk; every member is kept and answered as sent.')),
  },
  { ...CLOSED, description: 'The products an application uses, each with its settings.' },
);

/**
 * The capabilities as they are kept and answered: defaults filled in, both spellings of a value there, no
 * `null`.
 */
export type Capabilities = Type.Static<typeof Capabilities>;
