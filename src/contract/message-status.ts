/** The payloads of `messages.status_url`: what became of a message that was sent. */

import Type from 'typebox';
import { always, amount, digits, link, part, party, payload, time, uuid, words } from './event-members.ts';
import { choice } from './members.ts';

const ENVELOPE = {
  message_uuid: uuid('The message.'),
  to: party('Whom it was sent to.'),
  from: party('The number or id of the application.'),
  timestamp: time('When it happened.'),
  channel: choice(['sms', 'mms', 'rcs', 'whatsapp', 'viber_service', 'messenger'], 'How it was sent.'),
  client_ref: Type.Optional(words('What the application marked it with.')),
};

const USAGE = part('What it cost.', { price: amount('The price.'), currency: words('Its currency.') });

const DESTINATION = part('Where it went.', { network_code: digits('The network: MCC and MNC.') });

const WHATSAPP = part('How WhatsApp counts it.', {
  conversation: part('The conversation that it belongs to.', {
    id: words('The conversation.'),
    origin: part('How the conversation began.', {
      type: choice(['service', 'utility', 'marketing', 'authentication'], 'The kind of conversation.'),
    }),
  }),
});

const WORKFLOW = part('The sequence of channels it was sent in.', {
  id: words('The sequence.'),
  item_number: digits('Which of its messages this is.'),
  items_total: digits('How many there are.'),
});

const ERROR = part('Why it did not arrive.', {
  type: link('A page on the error.'),
  title: Type.Integer({ description: 'The code of the error.', minimum: 0 }),
  detail: words('The error in words.'),
  instance: words('This occurrence of it.'),
});

/** A status of which nothing went wrong. */
export function messageStatus<const Status extends string>(status: Status) {
  return payload({
    ...ENVELOPE,
    status: always(status, 'What became of it.'),
    usage: Type.Optional(USAGE),
    destination: Type.Optional(DESTINATION),
    sms: Type.Optional(
      part('How it went as SMS.', { count_total: digits('Into how many parts it was cut.') }),
    ),
    whatsapp: Type.Optional(WHATSAPP),
    workflow: Type.Optional(WORKFLOW),
  });
}

/** A status that says what went wrong. */
export function messageFailure<const Status extends string>(status: Status) {
  return payload({
    ...ENVELOPE,
    status: always(status, 'What became of it.'),
    error: ERROR,
    usage: Type.Optional(USAGE),
    destination: Type.Optional(DESTINATION),
    workflow: Type.Optional(WORKFLOW),
  });
}
