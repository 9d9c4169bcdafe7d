/** The payloads of `verify.status_url`: how a verification goes on. */

import Type from 'typebox';
import { always, amount, count, link, part, payload, time, uuid, words } from './event-members.ts';
import { choice } from './members.ts';

const CHANNELS = ['sms', 'whatsapp', 'whatsapp_interactive', 'voice', 'email', 'silent_auth'] as const;

const request = () => uuid('The verification.');
const clientRef = () => Type.Optional(words('What the application marked it with.'));

/** One channel has come to its end, or to a result. */
export function verificationEvent<const Status extends string>(status: Status) {
  return payload({
    request_id: request(),
    triggered_at: time('When this was sent.'),
    type: always('event', 'One event of a verification.'),
    channel: choice(CHANNELS, 'The channel that it is about.'),
    status: always(status, 'How it stands.'),
    finalized_at: Type.Optional(time('When the verification ended.')),
    client_ref: clientRef(),
  });
}

/** Silent authentication wants the device to open an address. */
export const VerificationAction = payload({
  request_id: request(),
  triggered_at: time('When this was sent.'),
  type: always('event', 'One event of a verification.'),
  channel: always('silent_auth', 'The channel that it is about.'),
  status: always('action_pending', 'How it stands.'),
  action: part('What is to be done.', {
    type: always('check', 'The kind of action.'),
    check_url: link('The address that the device has to open.'),
  }),
  client_ref: clientRef(),
});

export const VerificationSummary = payload({
  request_id: request(),
  submitted_at: time('When the verification was asked for.'),
  status: choice(
    ['completed', 'failed', 'expired', 'cancelled', 'blocked', 'user_rejected'],
    'How the verification ended.',
  ),
  type: always('summary', 'All of a verification.'),
  channel_timeout: count('How long each channel had, in seconds.'),
  workflow: Type.Array(
    part('What became of one channel.', {
      channel: choice(CHANNELS, 'The channel.'),
      initiated_at: time('When it began.'),
      status: choice(
        ['completed', 'failed', 'expired', 'user_rejected', 'unused', 'blocked', 'cancelled'],
        'How it ended.',
      ),
    }),
    { description: 'The channels, in order.' },
  ),
  price: Type.Optional(amount('What it cost, in EUR.')),
  client_ref: clientRef(),
});
