/** The events of `verify.status_url`. */

import {
  VerificationAction,
  VerificationSummary,
  verificationEvent,
} from '../../contract/verification-events.ts';
import { type EventContext, timeBefore } from './context.ts';
import { type CatalogueEvent, eventOf } from './event.ts';

/** How long a channel has, in seconds. */
const CHANNEL_TIMEOUT = 180;

const CLIENT_REF = 'order-42';

function channelEvents(): readonly CatalogueEvent[] {
  const event = eventOf('verify.status_url');
  const ended = <const Status extends string>(context: EventContext, status: Status) => ({
    request_id: context.uuid(),
    triggered_at: timeBefore(context, 0),
    type: 'event' as const,
    channel: 'sms' as const,
    status,
    finalized_at: timeBefore(context, 0),
    client_ref: CLIENT_REF,
  });
  return [
    event('completed', 'The code that was sent by SMS was right.', verificationEvent('completed')).from(
      (context) => ended(context, 'completed'),
    ),
    event('failed', 'The number cannot be reached by SMS.', verificationEvent('failed')).from((context) =>
      ended(context, 'failed'),
    ),
    event('expired', 'No code came back in time.', verificationEvent('expired')).from((context) =>
      ended(context, 'expired'),
    ),
    event('cancelled', 'The application called it off.', verificationEvent('cancelled')).from((context) =>
      ended(context, 'cancelled'),
    ),
    event('blocked', 'The platform held it back.', verificationEvent('blocked')).from((context) =>
      ended(context, 'blocked'),
    ),
    event('user_rejected', 'The user said no by WhatsApp.', verificationEvent('user_rejected')).from(
      (context) => ({
        ...ended(context, 'user_rejected'),
        channel: 'whatsapp_interactive',
      }),
    ),
    event('action_pending', 'Silent authentication wants an address opened.', VerificationAction).from(
      (context) => ({
        request_id: context.uuid(),
        triggered_at: timeBefore(context, 0),
        type: 'event',
        channel: 'silent_auth',
        status: 'action_pending',
        action: {
          type: 'check',
          check_url: `https://api.example.com/v2/verify/${context.uuid()}/silent-auth/redirect`,
        },
      }),
    ),
  ];
}

function summaryEvents(): readonly CatalogueEvent[] {
  const event = eventOf('verify.status_url');
  return [
    event('summary', 'A verification has ended well; all of it.', VerificationSummary).from((context) => ({
      request_id: context.uuid(),
      submitted_at: timeBefore(context, CHANNEL_TIMEOUT + 20),
      status: 'completed',
      type: 'summary',
      channel_timeout: CHANNEL_TIMEOUT,
      workflow: [
        { channel: 'whatsapp', initiated_at: timeBefore(context, CHANNEL_TIMEOUT + 20), status: 'expired' },
        { channel: 'sms', initiated_at: timeBefore(context, 20), status: 'completed' },
      ],
      price: '0.10000000',
      client_ref: CLIENT_REF,
    })),
    event('summary-expired', 'A verification has ended without a code; all of it.', VerificationSummary).from(
      (context) => ({
        request_id: context.uuid(),
        submitted_at: timeBefore(context, 2 * CHANNEL_TIMEOUT),
        status: 'expired',
        type: 'summary',
        channel_timeout: CHANNEL_TIMEOUT,
        workflow: [
          { channel: 'sms', initiated_at: timeBefore(context, 2 * CHANNEL_TIMEOUT), status: 'expired' },
          { channel: 'voice', initiated_at: timeBefore(context, CHANNEL_TIMEOUT), status: 'expired' },
        ],
        price: '0.00000000',
        client_ref: CLIENT_REF,
      }),
    ),
  ];
}

export const VERIFICATION_EVENTS: readonly CatalogueEvent[] = [...channelEvents(), ...summaryEvents()];
