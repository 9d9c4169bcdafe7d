/** The payloads of `rtc.event_url`: what happens in conversations. */

import Type from 'typebox';
import { always, count, part, party, payload, prefixed, time, uuid, words } from './event-members.ts';
import { choice, freeForm } from './members.ts';

const user = () =>
  part('The user.', { id: prefixed('USR', 'The user.'), name: Type.Optional(words('Their name.')) });
const member = () => prefixed('MEM', 'The member whom it is about.');

/** What every event of a conversation has around its body. */
function conversationEvent<const Kind extends string, Body extends Type.TSchema>(kind: Kind, body: Body) {
  return payload({
    type: always(kind, 'What happened.'),
    id: count('Its number within the conversation.'),
    application_id: uuid('The application.'),
    conversation_id: prefixed('CON', 'The conversation.'),
    from: Type.Optional(member()),
    timestamp: time('When it happened.'),
    body,
  });
}

/** Something happened to the conversation itself. */
export function conversationChange<const Kind extends string>(kind: Kind) {
  return conversationEvent(
    kind,
    part('The conversation.', {
      id: prefixed('CON', 'The conversation.'),
      name: words('What it is called for programs.'),
      display_name: Type.Optional(words('What it is called for people.')),
      state: choice(['ACTIVE', 'INACTIVE', 'DELETED'], 'The state it is in.'),
      timestamp: part('When it changed.', {
        created: time('When it was made.'),
        updated: Type.Optional(time('When it was changed.')),
        destroyed: Type.Optional(time('When it was deleted.')),
      }),
    }),
  );
}

/** Somebody was asked into a conversation, came or went. */
export function memberChange<const Kind extends string>(kind: Kind) {
  return conversationEvent(
    kind,
    part('The member.', {
      user: user(),
      channel: part('By what they are connected.', {
        type: choice(['app', 'phone', 'sip', 'websocket'], 'The kind of connection.'),
        id: Type.Optional(words('The connection.')),
        to: Type.Optional(
          part('The other end.', { type: words('Its kind.'), number: Type.Optional(party('Its number.')) }),
        ),
      }),
      timestamp: part('When they changed.', {
        invited: Type.Optional(time('When they were asked in.')),
        joined: Type.Optional(time('When they came.')),
        left: Type.Optional(time('When they went.')),
      }),
      initiator: Type.Optional(words('Who had it done.')),
      reason: Type.Optional(part('Why.', { code: words('A code.'), text: words('The same in words.') })),
    }),
  );
}

export const ConversationMessage = conversationEvent(
  'message',
  part('The message.', {
    message_type: choice(['text', 'image', 'audio', 'video', 'file', 'custom'], 'What it holds.'),
    text: Type.Optional(words('The words.')),
    image: Type.Optional(freeForm('The picture.')),
  }),
);

/** What became of a message in a conversation. */
export function conversationMessageStatus<const Kind extends string>(kind: Kind) {
  return conversationEvent(kind, part('The message.', { event_id: count('The number of the message.') }));
}

/** A call by an app or by SIP went on. */
export function legChange<const Kind extends string>(kind: Kind) {
  return conversationEvent(
    kind,
    part('The leg of the call.', {
      channel: part('The leg.', {
        id: uuid('The leg.'),
        type: choice(['app', 'phone', 'sip'], 'Its kind.'),
        from: part('Who calls.', { type: words('The kind of caller.'), number: party('The caller.') }),
        to: part('Who is called.', { type: words('The kind of callee.'), number: party('The callee.') }),
      }),
      direction: choice(['outbound', 'inbound'], 'Which way it goes.'),
      reason: Type.Optional(
        part('Why it ended.', { code: words('A code.'), text: words('The same in words.') }),
      ),
    }),
  );
}

export const LegStatus = conversationEvent(
  'leg:status:update',
  part('The leg.', {
    leg_id: uuid('The leg.'),
    type: choice(['phone', 'app', 'sip'], 'Its kind.'),
    direction: choice(['outbound', 'inbound'], 'Which way it goes.'),
    status: choice(['started', 'ringing', 'answered', 'completed'], 'The state it is in.'),
    statusHistory: Type.Array(
      part('A state it was in.', { status: words('The state.'), date: time('Since when.') }),
      { description: 'The states it was in, the oldest first.' },
    ),
  }),
);

export const ConversationDtmf = conversationEvent(
  'audio:dtmf',
  part('What was pressed.', {
    digit: Type.String({ description: 'The key.', pattern: '^[0-9*#]$' }),
    dtmf_seq: count('Which key it was.'),
    channel: Type.Optional(part('The leg.', { id: uuid('The leg.'), type: words('Its kind.') })),
  }),
);
