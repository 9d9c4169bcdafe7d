/** The payloads of the `voice` webhooks: what is asked when a call is answered, and what is told of it. */

import Type from 'typebox';
import {
  always,
  amount,
  count,
  digits,
  link,
  maybeKnown,
  part,
  party,
  payload,
  prefixed,
  time,
  uuid,
  words,
  yesOrNo,
} from './event-members.ts';
import { choice, freeForm } from './members.ts';

const conversation = () => prefixed('CON', 'The conversation that the call belongs to.');
const timestamp = () => time('When it happened.');

const PARTIES = { from: party('Who calls.'), to: party('Who is called.') };

const CALL = { ...PARTIES, uuid: uuid('The call.'), conversation_uuid: conversation() };

const direction = () => choice(['outbound', 'inbound'], 'Which way the call goes, seen from the platform.');
const outbound = () => always('outbound', 'Only calls placed by the platform end like this.');
const sipCode = () =>
  Type.Optional(Type.Integer({ description: 'The status of SIP behind it.', minimum: 100, maximum: 699 }));

/** The members of the request for a call control object. */
const ANSWER = {
  ...CALL,
  region_url: Type.Optional(link('The API of the region that handles the call.')),
  endpoint_type: Type.Optional(
    choice(['phone', 'app', 'sip', 'websocket', 'vbc'], 'By what the caller is connected.'),
  ),
  from_user: Type.Optional(words('The user who calls from an app.')),
  custom_data: Type.Optional(freeForm('What the app handed over when it placed the call.')),
};

export const AnswerRequest = payload(ANSWER);

/** Why the fallback is asked, and what was asked before. */
function fallback<const Kind extends string>(kind: Kind) {
  return {
    reason: words('Why the first address did not do.'),
    original_request: part('The request that failed.', {
      url: link('The address that was asked.'),
      type: always(kind, 'Which kind of request it was.'),
    }),
  };
}

export const FallbackAnswerRequest = payload({ ...ANSWER, ...fallback('answer') });

/** A change of state of which nothing more is told. */
export function callState<const Status extends string>(status: Status) {
  return payload({
    ...CALL,
    status: always(status, 'The state.'),
    direction: direction(),
    timestamp: timestamp(),
  });
}

/** How a call ended that never was answered. */
export function callFailure<const Status extends string>(status: Status) {
  return payload({
    ...CALL,
    status: always(status, 'The state.'),
    direction: outbound(),
    sip_code: sipCode(),
    timestamp: timestamp(),
  });
}

/** The same, with a word on why. */
export function callFailureBecause<const Status extends string, const Detail extends string>(
  status: Status,
  details: readonly [Detail, ...Detail[]],
) {
  return payload({
    ...CALL,
    status: always(status, 'The state.'),
    detail: choice(details, 'Why.'),
    direction: outbound(),
    sip_code: sipCode(),
    timestamp: timestamp(),
  });
}

export const CallAnswered = payload({
  ...CALL,
  status: always('answered', 'The state.'),
  direction: direction(),
  start_time: maybeKnown('Known when the call is over.'),
  rate: maybeKnown('Known when the call is over.'),
  network: maybeKnown('Known when the call is over.'),
  timestamp: timestamp(),
});

export const CallCompleted = payload({
  ...CALL,
  status: always('completed', 'The state.'),
  direction: direction(),
  start_time: time('When the call was answered.'),
  end_time: time('When it ended.'),
  duration: digits('How long it was, in seconds.'),
  rate: amount('What a minute costs, in EUR.'),
  price: amount('What the call cost, in EUR.'),
  network: words('The network of the other end: MCC and MNC, or a word for fixed lines.'),
  disconnected_by: Type.Optional(choice(['user', 'platform'], 'Who ended it.')),
  sip_code: sipCode(),
  timestamp: timestamp(),
});

/** Its answer may be an NCCO (D23). */
export const CallDisconnected = payload({
  ...CALL,
  status: always('disconnected', 'The state.'),
  timestamp: timestamp(),
});

/** Who picked up: a person or a machine. The call is `call_uuid` here. */
export function callDetection<const Status extends string>(status: Status) {
  return payload({
    call_uuid: uuid('The call.'),
    ...PARTIES,
    conversation_uuid: conversation(),
    status: always(status, 'Who picked up.'),
    sub_state: Type.Optional(
      choice(['beep_start', 'beep_timeout'], 'Whether the beep of an answering machine was heard.'),
    ),
    timestamp: timestamp(),
  });
}

export const RecordingFinished = payload({
  start_time: time('When it began.'),
  end_time: time('When it ended.'),
  recording_url: link('Where it can be fetched.'),
  recording_uuid: uuid('The recording.'),
  size: count('Its size in bytes.'),
  conversation_uuid: conversation(),
  timestamp: timestamp(),
});

export const RecordingTranscribed = payload({
  conversation_uuid: conversation(),
  type: always('record', 'The action that the transcription comes from.'),
  recording_uuid: uuid('The recording.'),
  status: always('transcribed', 'What became of it.'),
  transcription_url: link('Where the transcription can be fetched.'),
});

const DtmfInput = part('What was pressed.', {
  digits: Type.String({
    description: 'The keys, in order; empty when there were none.',
    pattern: '^[0-9*#]*$',
  }),
  timed_out: yesOrNo('Whether the time for it ran out.'),
});

const SpeechInput = part('What was said.', {
  timeout_reason: choice(['end_on_silence_timeout', 'max_duration', 'start_timeout'], 'Why listening ended.'),
  results: Type.Array(
    part('One reading of it.', {
      text: words('The words.'),
      confidence: Type.Number({ description: 'How sure it is, from 0 to 1.', minimum: 0, maximum: 1 }),
    }),
    { description: 'What it may have been, the likeliest first.' },
  ),
  recording_url: Type.Optional(link('Where the sound can be fetched, when it was to be kept.')),
  error: Type.Optional(words('What went wrong.')),
});

/** Their answer may be an NCCO (D23). */
export const KeysPressed = payload({ ...CALL, dtmf: DtmfInput, timestamp: timestamp() });
export const SpeechHeard = payload({ ...CALL, speech: SpeechInput, timestamp: timestamp() });
export const CallNotified = payload({
  payload: freeForm('What the `notify` action was given.'),
  conversation_uuid: conversation(),
  timestamp: timestamp(),
});

/** An event whose answer was to be an NCCO, as the fallback gets it. */
export const FallbackEventRequest = payload({
  ...CALL,
  dtmf: DtmfInput,
  timestamp: timestamp(),
  ...fallback('event'),
});

export const CallTransferred = payload({
  uuid: uuid('The call.'),
  conversation_uuid_from: prefixed('CON', 'The conversation it was in.'),
  conversation_uuid_to: prefixed('CON', 'The conversation it is in now.'),
  timestamp: timestamp(),
});

export const PaymentEnded = payload({
  ...CALL,
  status: choice(['success', 'failure'], 'What became of the payment.'),
  timestamp: timestamp(),
});

export const CallError = payload({
  reason: words('What is wrong.'),
  conversation_uuid: conversation(),
  timestamp: timestamp(),
});
