/** The payloads of `messages.inbound_url`: what somebody sent to the application. */

import Type from 'typebox';
import {
  always,
  amount,
  count,
  digits,
  link,
  part,
  party,
  payload,
  time,
  uuid,
  words,
} from './event-members.ts';
import { choice } from './members.ts';

const USAGE = part('What the message cost.', {
  price: amount('The price.'),
  currency: words('Its currency.'),
});

const ENVELOPE = {
  message_uuid: uuid('The message.'),
  to: party('The number or id of the application.'),
  from: party('Who sent it.'),
  timestamp: time('When it was sent.'),
  client_ref: Type.Optional(
    words('What a message of the application was marked with that this one answers.'),
  ),
};

/** The members that a channel adds to every message. */
const CHANNELS = {
  sms: {
    usage: USAGE,
    origin: Type.Optional(
      part('Where it comes from.', { network_code: digits('The network: MCC and MNC.') }),
    ),
    sms: part('How it came as SMS.', {
      num_messages: digits('Of how many parts it was put together.'),
      keyword: Type.Optional(words('Its first word in capitals, for numbers with keywords.')),
    }),
  },
  mms: {
    origin: Type.Optional(
      part('Where it comes from.', { network_code: digits('The network: MCC and MNC.') }),
    ),
  },
  whatsapp: {
    profile: Type.Optional(part('Who sent it.', { name: words('The name they go by.') })),
    context_status: Type.Optional(
      choice(['none', 'available', 'unavailable'], 'Whether it answers another message, and that is known.'),
    ),
    context: Type.Optional(
      part('The message that it answers.', {
        message_uuid: uuid('That message.'),
        message_from: party('Who sent that one.'),
      }),
    ),
    provider_message: Type.Optional(words('What the provider said besides.')),
  },
  viber_service: {},
  messenger: {},
  rcs: {},
} as const;

/** A channel by which messages come in. */
export type Channel = keyof typeof CHANNELS;

/** A file that was sent. */
const FILE = { url: link('Where it can be fetched.'), name: Type.Optional(words('Its name.')) };
const CAPTION = Type.Optional(words('The words sent with it.'));

const CONTENTS = {
  text: { text: Type.String({ description: 'The words.' }) },
  image: { image: part('The picture.', { ...FILE, caption: CAPTION }) },
  audio: { audio: part('The sound.', { ...FILE, caption: CAPTION }) },
  video: { video: part('The film.', { ...FILE, caption: CAPTION }) },
  file: { file: part('The file.', { ...FILE, caption: CAPTION }) },
  vcard: { vcard: part('The card of a contact.', FILE) },
  sticker: { sticker: part('The sticker.', FILE) },
  location: {
    location: part('The place.', {
      lat: Type.Number({ description: 'Its latitude in degrees.', minimum: -90, maximum: 90 }),
      long: Type.Number({ description: 'Its longitude in degrees.', minimum: -180, maximum: 180 }),
      name: Type.Optional(words('What it is called.')),
      address: Type.Optional(words('Its address.')),
    }),
  },
  reply: {
    reply: part('What was chosen of what the application offered.', {
      id: words('The id that the application gave it.'),
      title: words('What it said.'),
      description: Type.Optional(words('What else it said.')),
    }),
  },
  button: {
    button: part('The button of a template that was pressed.', {
      payload: words('What the application put behind it.'),
      text: words('What stood on it.'),
      subtype: Type.Optional(words('The kind of button.')),
    }),
  },
  reaction: {
    reaction: part('The reaction to a message.', {
      action: choice(['react', 'unreact'], 'Whether it was set or taken away.'),
      emoji: Type.Optional(words('The sign.')),
    }),
  },
  order: {
    order: part('What was put into a basket.', {
      catalog_id: words('The catalogue.'),
      product_items: Type.Array(
        part('A product.', {
          product_retailer_id: words('The product.'),
          quantity: count('How many.'),
          item_price: Type.Number({ description: 'The price of one.', minimum: 0 }),
          currency: words('Its currency.'),
        }),
        { description: 'The products.' },
      ),
    }),
  },
  unsupported: {},
} as const;

/** What a message can hold. */
export type Content = keyof typeof CONTENTS;

/** The payload of a message of one kind that came by one channel. */
export function inboundMessage<const Via extends Channel, const Kind extends Content>(
  channel: Via,
  kind: Kind,
) {
  return payload({
    channel: always(channel, 'How it came.'),
    ...ENVELOPE,
    message_type: always(kind, 'What it holds.'),
    ...CONTENTS[kind],
    ...CHANNELS[channel],
  });
}
