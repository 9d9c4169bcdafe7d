/** `jackfield trigger`: what it sends, what it tells of the attempts, and how it ends. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { openFolder } from '../folder.ts';
import { type CommandOptions, run, runFailing, runJson } from './command.ts';
import { type PlannedAnswer, startEventServer } from './event-server.ts';

const APPLICATION = '0194e6a0-0000-7000-8000-000000000002';
const DELIVERY = '0194e6a0-0000-7000-8000-000000000003';

/** The state of a delivery, as the server tells of it. */
const state = (status: string, attempts: readonly object[], more: object = {}): PlannedAnswer => ({
  status: 200,
  body: { id: DELIVERY, application_id: APPLICATION, status, attempts, ...more },
});

const QUEUED: PlannedAnswer = { status: 202, body: { id: DELIVERY, status: 'queued' } };

const DELIVERED_ATTEMPT = {
  id: '0194e6a0-0000-7000-8000-000000000004',
  url: 'http://127.0.0.1:4021/event',
  method: 'POST',
  started_at: '2026-01-02T03:04:05.678Z',
  connect_ms: 1.2,
  first_byte_ms: 3.4,
  total_ms: 5,
  status_code: 200,
  outcome: 'delivered',
};

const FAILED_ATTEMPT = {
  ...DELIVERED_ATTEMPT,
  status_code: 503,
  outcome: 'http_error',
  reason: 'the answer was 503',
  response_excerpt: 'out of\u001b[2Jorder',
};

/** Where commands run, and the server they talk to. */
async function openPlace(...answers: readonly PlannedAnswer[]) {
  const folder = await openFolder();
  const server = await startEventServer(answers);
  const options: CommandOptions = { cwd: folder.path, env: { JACKFIELD_URL: server.url } };
  return {
    folder,
    server,
    options,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The payload of a request for an event. */
const payloadOf = (body: unknown) => (body as { payload: Record<string, unknown> }).payload;

describe('jackfield trigger', () => {
  it('sends a made-up event as the dev account, and tells of each attempt until it is delivered', async () => {
    await using place = await openPlace(
      QUEUED,
      state('waiting', [FAILED_ATTEMPT], { next_attempt_at: '2026-01-02T03:04:10.678Z' }),
      state('delivered', [FAILED_ATTEMPT, DELIVERED_ATTEMPT]),
    );
    const words = [
      'trigger',
      '--set',
      'to=447700900001',
      '--set',
      'duration=30',
      APPLICATION,
      'voice:completed',
    ];
    const { code, stdout, stderr } = await run(words, place.options);
    assert.equal(code, 0, stderr);
    const [posted, asked] = place.server.taken;
    assert.equal(posted?.method, 'POST');
    assert.equal(posted?.url, `/jackfield/v1/applications/${APPLICATION}/events`);
    assert.equal(posted?.authorization, `Basic ${Buffer.from('abcd1234:DevSecret01').toString('base64')}`);
    const { webhook, payload } = Object(posted?.body) as {
      webhook: string;
      payload: Record<string, unknown>;
    };
    assert.equal(webhook, 'voice.event_url');
    assert.deepEqual(
      [payload['status'], payload['to'], payload['duration']],
      ['completed', '447700900001', '30'],
    );
    assert.equal(asked?.url, `/jackfield/v1/deliveries/${DELIVERY}`);
    assert.match(
      stdout,
      /^03:04:05\.678 {2}POST http:\/\/127\.0\.0\.1:4021\/event {2}http_error 503 {2}\(connected 1 ms/m,
    );
    assert.match(stdout, /the answer was 503\n/);
    assert.match(stdout, /answered: out of\\u001b\[2Jorder\n/, 'no order to a terminal');
    assert.match(stdout, /^03:04:10\.678 {2}the next attempt is due/m);
    assert.match(stdout, /delivered 200/);
    assert.match(stdout, /delivered after 2 attempts\.\n$/);
    assert.equal(stdout.match(/http_error/g)?.length, 1, 'each attempt once');
  });

  it('prints the delivery as JSON', async () => {
    await using place = await openPlace(QUEUED, state('delivered', [DELIVERED_ATTEMPT]));
    const printed = await runJson<Record<string, unknown>>(['trigger', APPLICATION, 'text'], place.options);
    assert.deepEqual(printed, state('delivered', [DELIVERED_ATTEMPT]).body);
  });

  it('ends with 10 when the event was not delivered', async () => {
    for (const status of ['failed', 'gone', 'dropped']) {
      await using place = await openPlace(QUEUED, state(status, [FAILED_ATTEMPT]));
      const { code, stdout, stderr } = await run(['trigger', APPLICATION, 'text', '--json'], place.options);
      assert.equal(code, 10);
      assert.equal((JSON.parse(stdout) as { status: string }).status, status);
      assert.equal((JSON.parse(stderr) as { error: { code: string } }).error.code, 'delivery_failed');
    }
  });

  it('shows the NCCO that the answer was, and the attempts when there was none', async () => {
    const ncco = [{ action: 'talk', text: 'Hello' }];
    const answered = { id: DELIVERY, status: 'delivered', ncco, attempts: [DELIVERED_ATTEMPT] };
    await using place = await openPlace({ status: 200, body: answered });
    const { code, stdout } = await run(['trigger', APPLICATION, 'voice.answer_url:answer'], place.options);
    assert.equal(code, 0);
    assert.match(stdout, /"action": "talk"/);
    assert.equal(place.server.taken.length, 1, 'there is nothing to follow');
    const problem = { title: 'Bad Gateway', detail: 'x', id: DELIVERY, attempts: [FAILED_ATTEMPT] };
    await using failing = await openPlace({ status: 502, body: problem });
    const failed = await run(['trigger', APPLICATION, 'voice.answer_url:answer'], failing.options);
    assert.equal(failed.code, 10);
    assert.match(failed.stdout, /http_error 503/);
  });

  it('ends at once when it is not to wait, and after the time it was given', async () => {
    await using place = await openPlace(QUEUED);
    const printed = await runJson<{ id: string }>(
      ['trigger', APPLICATION, 'text', '--no-wait'],
      place.options,
    );
    assert.equal(printed.id, DELIVERY);
    assert.equal(place.server.taken.length, 1);
    await using waiting = await openPlace(QUEUED, state('waiting', []));
    const { code, stderr } = await run(['trigger', APPLICATION, 'text', '--timeout', '0'], waiting.options);
    assert.equal(code, 10);
    assert.match(stderr, /The server goes on with it/);
  });

  it('takes the payload from a file, for an event or for a webhook alone', async () => {
    await using place = await openPlace(QUEUED, state('delivered', [DELIVERED_ATTEMPT]));
    const file = place.folder.file('payload.json');
    await writeFile(file, '{"text": "mine", "surplus": 1}');
    await runJson(['trigger', APPLICATION, 'messages.inbound_url', '--payload', file], place.options);
    assert.deepEqual(place.server.taken[0]?.body, {
      webhook: 'messages.inbound_url',
      payload: { text: 'mine', surplus: 1 },
    });
    await runJson(
      ['trigger', APPLICATION, 'text', '--payload', file, '--set', 'client_ref=x'],
      place.options,
    );
    const sent = place.server.taken
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => payloadOf(body));
    assert.deepEqual(sent[1], { text: 'mine', surplus: 1, client_ref: 'x' });
    for (const content of ['[1]', 'null', '{']) {
      await writeFile(file, content);
      const error = await runFailing(['trigger', APPLICATION, 'text', '--payload', file], place.options);
      assert.deepEqual([error.exit, error.code], [3, 'file_unusable'], content);
    }
    const gone = ['trigger', APPLICATION, 'text', '--payload', place.folder.file('gone.json')];
    assert.equal((await runFailing(gone, place.options)).exit, 3);
  });

  it('makes up the same values for the same seed', async () => {
    await using place = await openPlace(QUEUED);
    const send = () =>
      runJson(['trigger', APPLICATION, 'ringing', '--seed', '7', '--no-wait'], place.options);
    await send();
    await send();
    const [one, other] = place.server.taken.map(({ body }) => payloadOf(body));
    assert.equal(one?.['uuid'], other?.['uuid']);
    assert.equal(one?.['to'], other?.['to']);
  });

  it('takes credentials from flags and the environment', async () => {
    await using place = await openPlace(QUEUED);
    const env = { JACKFIELD_API_KEY: 'aaaaaaa1', JACKFIELD_API_SECRET: 'Secret0One' };
    await runJson(['trigger', APPLICATION, 'text', '--no-wait', '--url', `${place.server.url}/`], {
      cwd: place.options.cwd,
      env,
    });
    const words = [
      'trigger',
      APPLICATION,
      'text',
      '--no-wait',
      '--api-key',
      'aaaaaaa2',
      '--api-secret-file',
      '-',
    ];
    await runJson(words, { ...place.options, stdin: 'Secret0Two\n' });
    const sent = place.server.taken.map(({ authorization }) =>
      Buffer.from(authorization.slice(6), 'base64').toString(),
    );
    assert.deepEqual(sent, ['aaaaaaa1:Secret0One', 'aaaaaaa2:Secret0Two']);
    const missing = await runFailing(
      ['trigger', APPLICATION, 'text', '--api-key', 'aaaaaaa2'],
      place.options,
    );
    assert.deepEqual([missing.exit, missing.code], [2, 'usage']);
  });
});

describe('jackfield trigger, when something is wrong', () => {
  it('says which events there are near a wrong name, and which members near a wrong path', async () => {
    await using place = await openPlace(QUEUED);
    const wrong = async (...words: string[]) => runFailing(['trigger', APPLICATION, ...words], place.options);
    const name = await wrong('voice.event_url:complete');
    assert.deepEqual([name.exit, name.code], [2, 'usage']);
    assert.match(name.fix, /voice\.event_url:completed/);
    assert.match((await wrong('completed')).fix, /voice\.event_url:completed, verify\.status_url:completed/);
    assert.match((await wrong('voice.event_url')).message, /no event of it is named/);
    assert.match((await wrong('voice.event_url:completed', '--set', 'too=1')).fix, /\bto\b/);
    assert.equal((await wrong()).exit, 2);
    assert.equal(place.server.taken.length, 0, 'nothing was sent');
  });

  it('tells what the server refuses', async () => {
    const refuse = async (status: number) => {
      await using place = await openPlace({ status, body: { title: 'Not so', detail: 'because' } });
      return await runFailing(['trigger', APPLICATION, 'text'], place.options);
    };
    assert.deepEqual(
      await Promise.all([404, 401, 409].map(async (status) => (await refuse(status)).exit)),
      [4, 5, 5],
    );
    assert.match((await refuse(409)).message, /409 Not so: because/);
  });

  it('ends with 11 when nobody answers, or with what is no JSON object', async () => {
    await using place = await openPlace({ status: 200, body: '<html>' });
    const strange = await runFailing(['trigger', APPLICATION, 'text'], place.options);
    assert.deepEqual([strange.exit, strange.code], [11, 'server_unreachable']);
    const gone = await startEventServer([]);
    await gone[Symbol.asyncDispose]();
    const words = ['trigger', APPLICATION, 'text', '--url', gone.url];
    const nobody = await runFailing(words, place.options);
    assert.equal(nobody.exit, 11);
    assert.match(nobody.message, /ECONNREFUSED/);
    // An address is told as it was given, though a sentence begins with it.
    assert.match((await run(words, place.options)).stderr, new RegExp(`^ {2}${gone.url}/\\S+ does not`, 'm'));
    for (const url of ['nonsense', 'ftp://127.0.0.1', 'http://user:secret@127.0.0.1']) {
      assert.equal(
        (await runFailing(['trigger', APPLICATION, 'text', '--url', url], place.options)).exit,
        2,
        url,
      );
    }
  });
});

describe('jackfield trigger --list', () => {
  it('shows every event with its short name, also as JSON', async () => {
    await using folder = await openFolder();
    const { code, stdout } = await run(['trigger', '--list'], { cwd: folder.path });
    assert.equal(code, 0);
    assert.match(stdout, /^EVENT +SHORT +WHAT HAPPENED$/m);
    assert.match(stdout, /^voice\.event_url:ringing +ringing +The other end rings\.$/m);
    const listed = await runJson<{ name: string; webhook: string; aliases: string[] }[]>(
      ['trigger', '--list'],
      {
        cwd: folder.path,
      },
    );
    assert.equal(stdout.trim().split('\n').length, listed.length + 1);
    assert.ok(listed.every(({ name, webhook }) => name.startsWith(`${webhook}:`)));
  });
});
