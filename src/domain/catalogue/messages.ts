/** The events of the `messages` webhooks. */

import { type Channel, type Content, inboundMessage } from '../../contract/inbound-messages.ts';
import { messageFailure, messageStatus } from '../../contract/message-status.ts';
import { type EventContext, pickAmerican, pickDigits, pickMobile, secondsNow } from './context.ts';
import { type CatalogueEvent, eventOf } from './event.ts';

/** From whom and to whom a message comes in, by channel: a number, or what the channel has in its place. */
const PARTIES: Readonly<Record<Channel, (context: EventContext) => { from: string; to: string }>> = {
  sms: (context) => ({ from: pickMobile(context), to: pickMobile(context) }),
  mms: (context) => ({ from: pickAmerican(context), to: pickAmerican(context) }),
  whatsapp: (context) => ({ from: pickMobile(context), to: pickMobile(context) }),
  viber_service: (context) => ({ from: pickMobile(context), to: pickDigits(context, 5) }),
  messenger: (context) => ({ from: pickDigits(context, 16), to: pickDigits(context, 15) }),
  rcs: (context) => ({ from: pickMobile(context), to: 'ExampleBrand' }),
};

/** What every message has, whichever its channel. */
const message = <const Via extends Channel, const Kind extends Content>(
  context: EventContext,
  channel: Via,
  kind: Kind,
) => ({
  channel,
  message_uuid: context.uuid(),
  ...PARTIES[channel](context),
  timestamp: secondsNow(context),
  message_type: kind,
});

/** A file at a place that nobody owns. */
const media = (context: EventContext, ending: string): { url: string } => ({
  url: `https://media.example.com/v3/media/${context.uuid()}.${ending}`,
});

const WHATSAPP = { profile: { name: 'Alice' }, context_status: 'none' } as const;

function textEvents(): readonly CatalogueEvent[] {
  const event = eventOf('messages.inbound_url');
  return [
    event('text', 'Somebody sent an SMS.', inboundMessage('sms', 'text')).from((context) => ({
      ...message(context, 'sms', 'text'),
      text: 'Hello, is anybody there?',
      usage: { price: '0.0057', currency: 'EUR' },
      origin: { network_code: '23410' },
      sms: { num_messages: '1', keyword: 'HELLO' },
    })),
    event('whatsapp-text', 'Somebody wrote by WhatsApp.', inboundMessage('whatsapp', 'text')).from(
      (context) => ({
        ...message(context, 'whatsapp', 'text'),
        text: 'Hello by WhatsApp',
        ...WHATSAPP,
      }),
    ),
    event('mms-text', 'Somebody sent an MMS without a picture.', inboundMessage('mms', 'text')).from(
      (context) => ({
        ...message(context, 'mms', 'text'),
        text: 'Hello by MMS',
      }),
    ),
    event('viber-text', 'Somebody wrote by Viber.', inboundMessage('viber_service', 'text')).from(
      (context) => ({
        ...message(context, 'viber_service', 'text'),
        text: 'Hello by Viber',
      }),
    ),
    event('messenger-text', 'Somebody wrote by Messenger.', inboundMessage('messenger', 'text')).from(
      (context) => ({
        ...message(context, 'messenger', 'text'),
        text: 'Hello by Messenger',
      }),
    ),
    event('rcs-text', 'Somebody wrote by RCS.', inboundMessage('rcs', 'text')).from((context) => ({
      ...message(context, 'rcs', 'text'),
      text: 'Hello by RCS',
    })),
  ];
}

function whatsappMediaEvents(): readonly CatalogueEvent[] {
  const event = eventOf('messages.inbound_url');
  return [
    event('image', 'Somebody sent a picture by WhatsApp.', inboundMessage('whatsapp', 'image')).from(
      (context) => ({
        ...message(context, 'whatsapp', 'image'),
        image: { ...media(context, 'jpg'), caption: 'Look at this' },
        ...WHATSAPP,
      }),
    ),
    event('audio', 'Somebody sent sound by WhatsApp.', inboundMessage('whatsapp', 'audio')).from(
      (context) => ({
        ...message(context, 'whatsapp', 'audio'),
        audio: media(context, 'ogg'),
        ...WHATSAPP,
      }),
    ),
    event('video', 'Somebody sent a film by WhatsApp.', inboundMessage('whatsapp', 'video')).from(
      (context) => ({
        ...message(context, 'whatsapp', 'video'),
        video: { ...media(context, 'mp4'), caption: 'Watch this' },
        ...WHATSAPP,
      }),
    ),
    event('file', 'Somebody sent a file by WhatsApp.', inboundMessage('whatsapp', 'file')).from(
      (context) => ({
        ...message(context, 'whatsapp', 'file'),
        file: { ...media(context, 'pdf'), name: 'invoice.pdf', caption: 'The invoice' },
        ...WHATSAPP,
      }),
    ),
    event('sticker', 'Somebody sent a sticker by WhatsApp.', inboundMessage('whatsapp', 'sticker')).from(
      (context) => ({
        ...message(context, 'whatsapp', 'sticker'),
        sticker: media(context, 'webp'),
        ...WHATSAPP,
      }),
    ),
    event('location', 'Somebody sent a place by WhatsApp.', inboundMessage('whatsapp', 'location')).from(
      (context) => ({
        ...message(context, 'whatsapp', 'location'),
        location: { lat: 51.4779, long: -0.0015, name: 'Royal Observatory', address: 'Greenwich, London' },
        ...WHATSAPP,
      }),
    ),
  ];
}

function whatsappChoiceEvents(): readonly CatalogueEvent[] {
  const event = eventOf('messages.inbound_url');
  /** The message of the application that a choice answers. */
  const answering = (context: EventContext, to: string) =>
    ({
      ...WHATSAPP,
      context_status: 'available',
      context: { message_uuid: context.uuid(), message_from: to },
    }) as const;
  return [
    event('reply', 'Somebody chose out of a list by WhatsApp.', inboundMessage('whatsapp', 'reply')).from(
      (context) => {
        const base = message(context, 'whatsapp', 'reply');
        return {
          ...base,
          reply: { id: 'row-1', title: '9 to 10 am', description: 'Thursday' },
          ...answering(context, base.to),
        };
      },
    ),
    event(
      'button',
      'Somebody pressed a button of a WhatsApp template.',
      inboundMessage('whatsapp', 'button'),
    ).from((context) => {
      const base = message(context, 'whatsapp', 'button');
      return {
        ...base,
        button: { payload: 'confirm', text: 'Yes, please', subtype: 'quick-reply' },
        ...answering(context, base.to),
      };
    }),
    event(
      'reaction',
      'Somebody reacted to a message by WhatsApp.',
      inboundMessage('whatsapp', 'reaction'),
    ).from((context) => {
      const base = message(context, 'whatsapp', 'reaction');
      return { ...base, reaction: { action: 'react', emoji: '👍' }, ...answering(context, base.to) };
    }),
    event('order', 'Somebody ordered by WhatsApp.', inboundMessage('whatsapp', 'order')).from((context) => ({
      ...message(context, 'whatsapp', 'order'),
      order: {
        catalog_id: pickDigits(context, 15),
        product_items: [{ product_retailer_id: 'tea-250', quantity: 2, item_price: 4.5, currency: 'EUR' }],
      },
      ...WHATSAPP,
    })),
    event(
      'unsupported',
      'Somebody sent by WhatsApp what the platform cannot pass on.',
      inboundMessage('whatsapp', 'unsupported'),
    ).from((context) => ({ ...message(context, 'whatsapp', 'unsupported'), ...WHATSAPP })),
  ];
}

function otherMediaEvents(): readonly CatalogueEvent[] {
  const event = eventOf('messages.inbound_url');
  return [
    event('mms-image', 'Somebody sent a picture by MMS.', inboundMessage('mms', 'image')).from((context) => ({
      ...message(context, 'mms', 'image'),
      image: { ...media(context, 'jpg'), name: 'picture.jpg' },
      origin: { network_code: '310090' },
    })),
    event('mms-vcard', 'Somebody sent a contact by MMS.', inboundMessage('mms', 'vcard')).from((context) => ({
      ...message(context, 'mms', 'vcard'),
      vcard: { ...media(context, 'vcf'), name: 'alice.vcf' },
    })),
    event('viber-image', 'Somebody sent a picture by Viber.', inboundMessage('viber_service', 'image')).from(
      (context) => ({
        ...message(context, 'viber_service', 'image'),
        image: media(context, 'jpg'),
      }),
    ),
    event(
      'messenger-image',
      'Somebody sent a picture by Messenger.',
      inboundMessage('messenger', 'image'),
    ).from((context) => ({ ...message(context, 'messenger', 'image'), image: media(context, 'jpg') })),
    event('messenger-file', 'Somebody sent a file by Messenger.', inboundMessage('messenger', 'file')).from(
      (context) => ({
        ...message(context, 'messenger', 'file'),
        file: { ...media(context, 'pdf'), name: 'invoice.pdf' },
      }),
    ),
    event('rcs-reply', 'Somebody chose a suggestion by RCS.', inboundMessage('rcs', 'reply')).from(
      (context) => ({
        ...message(context, 'rcs', 'reply'),
        reply: { id: 'suggestion-1', title: 'Yes' },
      }),
    ),
  ];
}

function statusEvents(): readonly CatalogueEvent[] {
  const event = eventOf('messages.status_url');
  const sent = <const Via extends Channel, const Status extends string>(
    context: EventContext,
    channel: Via,
    status: Status,
  ) => {
    const { from, to } = PARTIES[channel](context);
    const id = context.uuid();
    return { message_uuid: id, to: from, from: to, timestamp: secondsNow(context), channel, status } as const;
  };
  const error = (context: EventContext, code: number, detail: string) => ({
    type: `https://errors.example.com/messages#${code}`,
    title: code,
    detail,
    instance: context.uuid(),
  });
  return [
    event('submitted', 'An SMS was handed to the network.', messageStatus('submitted')).from((context) => ({
      ...sent(context, 'sms', 'submitted'),
      usage: { price: '0.0333', currency: 'EUR' },
      sms: { count_total: '1' },
    })),
    event('delivered', 'An SMS has arrived.', messageStatus('delivered')).from((context) => ({
      ...sent(context, 'sms', 'delivered'),
      usage: { price: '0.0333', currency: 'EUR' },
      destination: { network_code: '23410' },
    })),
    event('rejected', 'An SMS was turned down.', messageFailure('rejected')).from((context) => ({
      ...sent(context, 'sms', 'rejected'),
      error: error(context, 1120, 'The number of the sender is not allowed there.'),
    })),
    event('undeliverable', 'An SMS could not be handed on.', messageFailure('undeliverable')).from(
      (context) => ({
        ...sent(context, 'sms', 'undeliverable'),
        error: error(context, 1300, 'The network could not be reached.'),
      }),
    ),
    event('read', 'A WhatsApp message has been read.', messageStatus('read')).from((context) => ({
      ...sent(context, 'whatsapp', 'read'),
    })),
    event('whatsapp-delivered', 'A WhatsApp message has arrived.', messageStatus('delivered')).from(
      (context) => ({
        ...sent(context, 'whatsapp', 'delivered'),
        usage: { price: '0.0210', currency: 'EUR' },
        whatsapp: { conversation: { id: context.uuid().replaceAll('-', ''), origin: { type: 'service' } } },
      }),
    ),
    event(
      'workflow-delivered',
      'A message that was sent in place of another one has arrived.',
      messageStatus('delivered'),
    ).from((context) => ({
      ...sent(context, 'viber_service', 'delivered'),
      workflow: { id: context.uuid(), item_number: '2', items_total: '2' },
    })),
  ];
}

export const MESSAGE_EVENTS: readonly CatalogueEvent[] = [
  ...textEvents(),
  ...whatsappMediaEvents(),
  ...whatsappChoiceEvents(),
  ...otherMediaEvents(),
  ...statusEvents(),
];
