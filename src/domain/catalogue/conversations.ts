/** The events of `rtc.event_url`. */

import {
  ConversationDtmf,
  ConversationMessage,
  conversationChange,
  conversationMessageStatus,
  LegStatus,
  legChange,
  memberChange,
} from '../../contract/conversation-events.ts';
import { type EventContext, pickBetween, pickLine, pickMobile, timeBefore } from './context.ts';
import { type CatalogueEvent, eventOf } from './event.ts';

/** What is around the body of every event. */
const around = <const Kind extends string>(context: EventContext, type: Kind) => ({
  type,
  id: pickBetween(context, 1, 40),
  application_id: context.uuid(),
  conversation_id: `CON-${context.uuid()}`,
  from: `MEM-${context.uuid()}`,
  timestamp: timeBefore(context, 0),
});

const userOf = (context: EventContext) => ({ id: `USR-${context.uuid()}`, name: 'alice' });

function conversationEvents(): readonly CatalogueEvent[] {
  const event = eventOf('rtc.event_url');
  const conversation = <const State extends string>(
    id: string,
    state: State,
    timestamp: { created: string },
  ) => ({
    id,
    name: 'support-42',
    display_name: 'Support',
    state,
    timestamp,
  });
  return [
    event(
      'conversation:created',
      'A conversation was made.',
      conversationChange('conversation:created'),
    ).from((context) => {
      const { from: _, ...base } = around(context, 'conversation:created');
      return {
        ...base,
        body: conversation(base.conversation_id, 'ACTIVE', { created: timeBefore(context, 0) }),
      };
    }),
    event(
      'conversation:updated',
      'A conversation was changed.',
      conversationChange('conversation:updated'),
    ).from((context) => {
      const { from: _, ...base } = around(context, 'conversation:updated');
      const timestamp = { created: timeBefore(context, 3600), updated: timeBefore(context, 0) };
      return { ...base, body: conversation(base.conversation_id, 'ACTIVE', timestamp) };
    }),
    event(
      'conversation:deleted',
      'A conversation was deleted.',
      conversationChange('conversation:deleted'),
    ).from((context) => {
      const { from: _, ...base } = around(context, 'conversation:deleted');
      const timestamp = { created: timeBefore(context, 3600), destroyed: timeBefore(context, 0) };
      return { ...base, body: conversation(base.conversation_id, 'DELETED', timestamp) };
    }),
  ];
}

function memberEvents(): readonly CatalogueEvent[] {
  const event = eventOf('rtc.event_url');
  return [
    event('member:invited', 'A user was asked into a conversation.', memberChange('member:invited')).from(
      (context) => ({
        ...around(context, 'member:invited'),
        body: {
          user: userOf(context),
          channel: { type: 'app' },
          timestamp: { invited: timeBefore(context, 0) },
        },
      }),
    ),
    event('member:joined', 'A user has come into a conversation.', memberChange('member:joined')).from(
      (context) => ({
        ...around(context, 'member:joined'),
        body: {
          user: userOf(context),
          channel: { type: 'phone', id: context.uuid(), to: { type: 'phone', number: pickMobile(context) } },
          timestamp: { invited: timeBefore(context, 4), joined: timeBefore(context, 0) },
        },
      }),
    ),
    event('member:left', 'A user has left a conversation.', memberChange('member:left')).from((context) => ({
      ...around(context, 'member:left'),
      body: {
        user: userOf(context),
        channel: { type: 'app' },
        timestamp: {
          invited: timeBefore(context, 64),
          joined: timeBefore(context, 60),
          left: timeBefore(context, 0),
        },
        reason: { code: '1', text: 'left' },
      },
    })),
  ];
}

function messageEvents(): readonly CatalogueEvent[] {
  const event = eventOf('rtc.event_url');
  const status = <const Kind extends string>(context: EventContext, kind: Kind) => ({
    ...around(context, kind),
    body: { event_id: pickBetween(context, 1, 40) },
  });
  return [
    event('message', 'A member wrote something.', ConversationMessage).from((context) => ({
      ...around(context, 'message'),
      body: { message_type: 'text', text: 'Hello, everybody' },
    })),
    event(
      'message:submitted',
      'A message was handed on.',
      conversationMessageStatus('message:submitted'),
    ).from((context) => status(context, 'message:submitted')),
    event('message:delivered', 'A message has arrived.', conversationMessageStatus('message:delivered')).from(
      (context) => status(context, 'message:delivered'),
    ),
    event('message:seen', 'A message was seen.', conversationMessageStatus('message:seen')).from((context) =>
      status(context, 'message:seen'),
    ),
  ];
}

function legEvents(): readonly CatalogueEvent[] {
  const event = eventOf('rtc.event_url');
  const leg = <const Kind extends string, const Type extends 'app' | 'phone'>(
    context: EventContext,
    kind: Kind,
    type: Type,
  ) => ({
    ...around(context, kind),
    body: {
      channel: {
        id: context.uuid(),
        type,
        from: { type: 'phone', number: pickLine(context) },
        to: { type: 'phone', number: pickMobile(context) },
      },
      direction: 'outbound' as const,
    },
  });
  return [
    event('rtc:answered', 'A call by an app was answered.', legChange('rtc:answered')).from((context) =>
      leg(context, 'rtc:answered', 'app'),
    ),
    event('rtc:hangup', 'A call by an app has ended.', legChange('rtc:hangup')).from((context) => {
      const { body, ...rest } = leg(context, 'rtc:hangup', 'app');
      return { ...rest, body: { ...body, reason: { code: '200', text: 'normal' } } };
    }),
    event('sip:ringing', 'A call rings at the other end.', legChange('sip:ringing')).from((context) =>
      leg(context, 'sip:ringing', 'phone'),
    ),
    event('sip:answered', 'A call was answered.', legChange('sip:answered')).from((context) =>
      leg(context, 'sip:answered', 'phone'),
    ),
    event('sip:hangup', 'A call has ended.', legChange('sip:hangup')).from((context) => {
      const { body, ...rest } = leg(context, 'sip:hangup', 'phone');
      return { ...rest, body: { ...body, reason: { code: '200', text: 'normal' } } };
    }),
    event('leg:status:update', 'A leg of a call has another state.', LegStatus).from((context) => ({
      ...around(context, 'leg:status:update'),
      body: {
        leg_id: context.uuid(),
        type: 'phone',
        direction: 'outbound',
        status: 'ringing',
        statusHistory: [
          { status: 'started', date: timeBefore(context, 1) },
          { status: 'ringing', date: timeBefore(context, 0) },
        ],
      },
    })),
    event('audio:dtmf', 'A key was pressed.', ConversationDtmf).from((context) => ({
      ...around(context, 'audio:dtmf'),
      body: {
        digit: `${pickBetween(context, 0, 9)}`,
        dtmf_seq: 1,
        channel: { id: context.uuid(), type: 'phone' },
      },
    })),
  ];
}

export const CONVERSATION_EVENTS: readonly CatalogueEvent[] = [
  ...conversationEvents(),
  ...memberEvents(),
  ...messageEvents(),
  ...legEvents(),
];
