/** The events of the `meetings` webhooks. */

import {
  participantChange,
  RecordingUploaded,
  RoomExpired,
  recordingChange,
  SessionEnded,
  SessionStarted,
} from '../../contract/meeting-events.ts';
import { type EventContext, pickBetween, timeBefore } from './context.ts';
import { type CatalogueEvent, eventOf } from './event.ts';

const HOUR = 3600;

const sessionOf = (context: EventContext): string => `2_${Buffer.from(context.uuid()).toString('base64url')}`;

function roomEvents(): readonly CatalogueEvent[] {
  const event = eventOf('meetings.room_changed');
  return [
    event('room:expired', 'A room can be used no longer.', RoomExpired).from((context) => ({
      event: 'room:expired',
      room_id: context.uuid(),
      room_type: 'instant',
      created_at: timeBefore(context, HOUR),
      expires_at: timeBefore(context, 0),
    })),
  ];
}

function sessionEvents(): readonly CatalogueEvent[] {
  const event = eventOf('meetings.session_changed');
  const participant = <const Kind extends string>(context: EventContext, kind: Kind) => ({
    event: kind,
    participant_id: context.uuid(),
    session_id: sessionOf(context),
    room_id: context.uuid(),
    name: 'Alice',
    type: 'Guest' as const,
    is_host: false,
  });
  return [
    event('session:started', 'A session has begun.', SessionStarted).from((context) => ({
      event: 'session:started',
      session_id: sessionOf(context),
      room_id: context.uuid(),
      started_at: timeBefore(context, 0),
    })),
    event('session:ended', 'A session has ended.', SessionEnded).from((context) => ({
      event: 'session:ended',
      session_id: sessionOf(context),
      room_id: context.uuid(),
      started_at: timeBefore(context, HOUR),
      ended_at: timeBefore(context, 0),
    })),
    event(
      'session:participant:joined',
      'Somebody has come.',
      participantChange('session:participant:joined'),
    ).from((context) => participant(context, 'session:participant:joined')),
    event(
      'session:participant:left',
      'Somebody has gone.',
      participantChange('session:participant:left'),
    ).from((context) => participant(context, 'session:participant:left')),
  ];
}

function recordingEvents(): readonly CatalogueEvent[] {
  const event = eventOf('meetings.recording_changed');
  const recording = <const Kind extends string>(context: EventContext, event: Kind) => ({
    event,
    recording_id: context.uuid(),
    session_id: sessionOf(context),
  });
  /** How long it is, from when, to when. */
  const span = (context: EventContext) => {
    const duration = pickBetween(context, 30, HOUR);
    return { started_at: timeBefore(context, duration), ended_at: timeBefore(context, 0), duration };
  };
  return [
    event('recording:started', 'A recording has begun.', recordingChange('recording:started')).from(
      (context) => ({
        ...recording(context, 'recording:started'),
        started_at: timeBefore(context, 0),
      }),
    ),
    event('recording:ended', 'A recording has ended.', recordingChange('recording:ended')).from(
      (context) => ({
        ...recording(context, 'recording:ended'),
        ...span(context),
      }),
    ),
    event('recording:uploaded', 'A recording can be fetched.', RecordingUploaded).from((context) => ({
      ...recording(context, 'recording:uploaded'),
      ...span(context),
      url: `https://recordings.example.com/${context.uuid()}/archive.mp4`,
    })),
  ];
}

export const MEETING_EVENTS: readonly CatalogueEvent[] = [
  ...roomEvents(),
  ...sessionEvents(),
  ...recordingEvents(),
];
