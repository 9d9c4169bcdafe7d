/** The events of the `voice` webhooks. */

import {
  AnswerRequest,
  CallAnswered,
  CallCompleted,
  CallDisconnected,
  CallError,
  CallNotified,
  CallTransferred,
  callDetection,
  callFailure,
  callFailureBecause,
  callState,
  FallbackAnswerRequest,
  FallbackEventRequest,
  KeysPressed,
  PaymentEnded,
  RecordingFinished,
  RecordingTranscribed,
  SpeechHeard,
} from '../../contract/call-events.ts';
import { type EventContext, pickBetween, pickDigits, pickLine, pickMobile, timeBefore } from './context.ts';
import { type CatalogueEvent, eventOf } from './event.ts';

/** What a minute costs, in EUR. */
const RATE = 0.0072;

/** A conversation's id. */
const conversationOf = (context: EventContext): string => `CON-${context.uuid()}`;

/** A call from a phone to the application's number. */
const inboundCall = (context: EventContext) => ({
  from: pickMobile(context),
  to: pickLine(context),
  uuid: context.uuid(),
  conversation_uuid: conversationOf(context),
});

/** A call from the application's number to a phone. */
const outboundCall = (context: EventContext) => ({
  from: pickLine(context),
  to: pickMobile(context),
  uuid: context.uuid(),
  conversation_uuid: conversationOf(context),
});

const pressed = (context: EventContext) => ({
  ...inboundCall(context),
  dtmf: { digits: pickDigits(context, 4), timed_out: false },
  timestamp: timeBefore(context, 0),
});

function answerEvents(): readonly CatalogueEvent[] {
  const event = eventOf('voice.answer_url');
  return [
    event(
      'answer',
      'Somebody calls the application; the answer says how the call goes on.',
      AnswerRequest,
    ).from((context) => ({
      ...inboundCall(context),
      region_url: 'https://api-eu-1.example.com',
      endpoint_type: 'phone',
    })),
    event('app', 'A user calls from an app that hands over data of its own.', AnswerRequest).from(
      (context) => ({
        ...inboundCall(context),
        from: 'alice',
        from_user: 'alice',
        endpoint_type: 'app',
        custom_data: { order: pickDigits(context, 6) },
      }),
    ),
  ];
}

function fallbackEvents(): readonly CatalogueEvent[] {
  const event = eventOf('voice.fallback_answer_url');
  const original = <const Kind extends string>(type: Kind) => ({
    reason: 'Connection timed out.',
    original_request: { url: `https://example.com/webhooks/${type}`, type },
  });
  return [
    event('answer', 'The address of `answer_url` did not do.', FallbackAnswerRequest).from((context) => ({
      ...inboundCall(context),
      ...original('answer'),
    })),
    event(
      'event',
      'The address of `event_url` did not do for keys that were pressed.',
      FallbackEventRequest,
    ).from((context) => ({
      ...pressed(context),
      ...original('event'),
    })),
  ];
}

function stateEvents(): readonly CatalogueEvent[] {
  const event = eventOf('voice.event_url');
  const state =
    <const Status extends string>(status: Status) =>
    (context: EventContext) => ({
      ...outboundCall(context),
      status,
      direction: 'outbound' as const,
      timestamp: timeBefore(context, 0),
    });
  return [
    event('started', 'The platform has begun to place a call.', callState('started')).from(state('started')),
    event('ringing', 'The other end rings.', callState('ringing')).from(state('ringing')),
    event('answered', 'The other end has answered.', CallAnswered).from((context) => ({
      ...state('answered')(context),
      start_time: null,
      rate: null,
      network: null,
    })),
    event('busy', 'The other end is busy.', callFailure('busy')).from((context) => ({
      ...state('busy')(context),
      sip_code: 486,
    })),
    event('cancelled', 'The caller gave up before there was an answer.', callFailure('cancelled')).from(
      (context) => ({
        ...state('cancelled')(context),
        sip_code: 487,
      }),
    ),
    event('timeout', 'It rang for as long as it may.', callFailure('timeout')).from(state('timeout')),
  ];
}

function failureEvents(): readonly CatalogueEvent[] {
  const event = eventOf('voice.event_url');
  const failure =
    <const Status extends string, const Detail extends string>(
      status: Status,
      detail: Detail,
      sipCode: number,
    ) =>
    (context: EventContext) => ({
      ...outboundCall(context),
      status,
      detail,
      direction: 'outbound' as const,
      sip_code: sipCode,
      timestamp: timeBefore(context, 0),
    });
  return [
    event(
      'failed',
      'The call could not be connected.',
      callFailureBecause('failed', ['cannot_route', 'number_out_of_service', 'internal_error']),
    ).from(failure('failed', 'cannot_route', 404)),
    event(
      'rejected',
      'The call was turned down, by the network or by the other end.',
      callFailureBecause('rejected', ['restricted', 'invalid_number', 'declined']),
    ).from(failure('rejected', 'restricted', 403)),
    event(
      'unanswered',
      'Nobody could be reached.',
      callFailureBecause('unanswered', ['unavailable', 'timeout']),
    ).from(failure('unanswered', 'unavailable', 480)),
  ];
}

function endEvents(): readonly CatalogueEvent[] {
  const event = eventOf('voice.event_url');
  const detected =
    <const Status extends string>(status: Status) =>
    (context: EventContext) => {
      const { uuid, ...call } = outboundCall(context);
      return { call_uuid: uuid, ...call, status, timestamp: timeBefore(context, 0) };
    };
  return [
    event('human', 'A person picked up.', callDetection('human')).from(detected('human')),
    event('completed', 'The call is over; what it was and what it cost.', CallCompleted).from((context) => {
      const seconds = pickBetween(context, 5, 300);
      return {
        ...outboundCall(context),
        status: 'completed',
        direction: 'outbound',
        start_time: timeBefore(context, seconds),
        end_time: timeBefore(context, 0),
        duration: `${seconds}`,
        rate: RATE.toFixed(8),
        price: ((RATE * seconds) / 60).toFixed(8),
        network: '23410',
        disconnected_by: 'user',
        sip_code: 200,
        timestamp: timeBefore(context, 0),
      };
    }),
    event(
      'disconnected',
      'A WebSocket has gone; the answer may say how the call goes on.',
      CallDisconnected,
    ).from((context) => ({
      ...outboundCall(context),
      to: 'wss://example.com/socket',
      status: 'disconnected',
      timestamp: timeBefore(context, 0),
    })),
    event('machine', 'An answering machine picked up.', callDetection('machine')).from((context) => ({
      ...detected('machine')(context),
      sub_state: 'beep_start',
    })),
  ];
}

function actionEvents(): readonly CatalogueEvent[] {
  const event = eventOf('voice.event_url');
  return [
    event('record', 'A recording is ready.', RecordingFinished).from((context) => {
      const seconds = pickBetween(context, 5, 120);
      return {
        start_time: timeBefore(context, seconds),
        end_time: timeBefore(context, 0),
        recording_url: `https://api.example.com/v1/files/${context.uuid()}`,
        recording_uuid: context.uuid(),
        size: seconds * 4000,
        conversation_uuid: conversationOf(context),
        timestamp: timeBefore(context, 0),
      };
    }),
    event('transcribed', 'A recording has been written out.', RecordingTranscribed).from((context) => ({
      conversation_uuid: conversationOf(context),
      type: 'record',
      recording_uuid: context.uuid(),
      status: 'transcribed',
      transcription_url: `https://api.example.com/v1/files/${context.uuid()}`,
    })),
    event('transfer', 'A call has moved to another conversation.', CallTransferred).from((context) => ({
      uuid: context.uuid(),
      conversation_uuid_from: conversationOf(context),
      conversation_uuid_to: conversationOf(context),
      timestamp: timeBefore(context, 0),
    })),
    event('payment', 'A payment by phone has ended.', PaymentEnded).from((context) => ({
      ...inboundCall(context),
      status: 'success',
      timestamp: timeBefore(context, 0),
    })),
    event('error', 'The instructions for a call cannot be followed.', CallError).from((context) => ({
      reason: 'The NCCO has an action that is not known.',
      conversation_uuid: conversationOf(context),
      timestamp: timeBefore(context, 0),
    })),
  ];
}

function inputEvents(): readonly CatalogueEvent[] {
  const event = eventOf('voice.event_url');
  return [
    event('dtmf', 'Keys were pressed; the answer may say how the call goes on.', KeysPressed).from(pressed),
    event('speech', 'Something was said; the answer may say how the call goes on.', SpeechHeard).from(
      (context) => ({
        ...inboundCall(context),
        speech: {
          timeout_reason: 'end_on_silence_timeout',
          results: [
            { text: 'sales', confidence: 0.94 },
            { text: 'sails', confidence: 0.71 },
          ],
        },
        timestamp: timeBefore(context, 0),
      }),
    ),
    event(
      'notify',
      'The call has come to a `notify` action; the answer may say how it goes on.',
      CallNotified,
    ).from((context) => ({
      payload: { step: 'greeting' },
      conversation_uuid: conversationOf(context),
      timestamp: timeBefore(context, 0),
    })),
  ];
}

export const CALL_EVENTS: readonly CatalogueEvent[] = [
  ...answerEvents(),
  ...fallbackEvents(),
  ...stateEvents(),
  ...failureEvents(),
  ...endEvents(),
  ...actionEvents(),
  ...inputEvents(),
];
