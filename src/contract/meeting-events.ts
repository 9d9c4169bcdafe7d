/** The payloads of the `meetings` webhooks. */

import Type from 'typebox';
import { always, count, link, payload, time, uuid, words, yesOrNo } from './event-members.ts';
import { choice } from './members.ts';

const session = () => words('The session.');
const room = () => uuid('The room.');

export const RoomExpired = payload({
  event: always('room:expired', 'What happened.'),
  room_id: room(),
  room_type: choice(['instant', 'long_term'], 'The kind of room.'),
  created_at: time('When the room was made.'),
  expires_at: time('When it expired.'),
});

export const SessionStarted = payload({
  event: always('session:started', 'What happened.'),
  session_id: session(),
  room_id: room(),
  started_at: time('When it began.'),
});

export const SessionEnded = payload({
  event: always('session:ended', 'What happened.'),
  session_id: session(),
  room_id: room(),
  started_at: time('When it began.'),
  ended_at: time('When it ended.'),
});

/** Somebody came or went. */
export function participantChange<const Kind extends string>(kind: Kind) {
  return payload({
    event: always(kind, 'What happened.'),
    participant_id: uuid('The participant.'),
    session_id: session(),
    room_id: room(),
    name: words('The name they go by.'),
    type: choice(['Guest', 'Host'], 'As what they take part.'),
    is_host: yesOrNo('Whether they lead the session.'),
  });
}

/** Recording began or ended. */
export function recordingChange<const Kind extends string>(kind: Kind) {
  return payload({
    event: always(kind, 'What happened.'),
    recording_id: uuid('The recording.'),
    session_id: session(),
    room_id: Type.Optional(room()),
    started_at: Type.Optional(time('When it began.')),
    ended_at: Type.Optional(time('When it ended.')),
    duration: Type.Optional(count('How long it is, in seconds.')),
  });
}

export const RecordingUploaded = payload({
  event: always('recording:uploaded', 'What happened.'),
  recording_id: uuid('The recording.'),
  session_id: session(),
  room_id: Type.Optional(room()),
  started_at: time('When it began.'),
  ended_at: time('When it ended.'),
  duration: count('How long it is, in seconds.'),
  url: link('Where it can be fetched.'),
});
