/** Which fault of a request is told, when it has several: each step of the order against each later one. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Answer, BASE, createClient, type Sending } from './client.ts';
import { type Problem, problem, problems } from './problem.ts';
import { body } from './sample.ts';
import { openTarget, startConfigured } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const anonymous = createClient(target.url);
const MISSING = '019a0000-0000-7000-8000-000000000000';
const { id } = await api.given(body());

interface Broken extends Sending {
  readonly headers: Record<string, string>;
}

/** A step of the order: how to break a request there, and what it is told then. */
interface Step {
  readonly name: string;
  /** Steps that cannot be broken together with this one. */
  readonly not?: readonly string[];
  spoil(request: Broken): Broken;
  readonly expected: Problem | 'options';
}

const wrong = { authorization: `Basic ${Buffer.from('abcdef01:Wrong1234').toString('base64')}` };
const withHeader = (request: Broken, headers: Record<string, string>): Broken => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

const STEPS: readonly Step[] = [
  { name: 'route', spoil: (r) => ({ ...r, path: '/v2/nothing' }), expected: problems.resource },
  { name: 'OPTIONS', not: ['method'], spoil: (r) => ({ ...r, method: 'OPTIONS' }), expected: 'options' },
  { name: 'method', spoil: (r) => ({ ...r, method: 'PATCH' }), expected: problems.verb('PATCH') },
  { name: 'credentials', spoil: (r) => withHeader(r, wrong), expected: problems.unauthorized },
  { name: 'Accept', spoil: (r) => withHeader(r, { accept: 'text/html' }), expected: problems.accept },
  {
    name: 'Content-Type',
    spoil: (r) => withHeader(r, { 'content-type': 'text/plain' }),
    expected: problems.contentType,
  },
  {
    name: 'size',
    not: ['JSON', 'validation'],
    spoil: (r) => ({ ...r, body: 'x'.repeat(262_145) }),
    expected: problems.tooLarge,
  },
  { name: 'JSON', not: ['validation'], spoil: (r) => ({ ...r, body: '{"name":' }), expected: problems.json },
  {
    name: 'validation',
    spoil: (r) => ({ ...r, body: '{}' }),
    expected: problems.payload(['name', 'is required']),
  },
  {
    name: 'resource',
    not: ['route'],
    spoil: (r) => ({ ...r, path: `${BASE}/${MISSING}` }),
    expected: problems.application(MISSING),
  },
];

const sound: Broken = { method: 'PUT', path: `${BASE}/${id}`, headers: {}, body: JSON.stringify(body()) };

function assertStep({ expected }: Step, answer: Answer): void {
  if (expected === 'options') assert.equal(answer.status, 204, answer.text);
  else problem(answer, expected);
}

describe('the order of the checks', () => {
  it('W50 lets a sound request through', async () => {
    assert.equal((await api.send(sound)).status, 200);
  });

  for (const [index, first] of STEPS.entries()) {
    it(`W50 tells of ${first.name} alone`, async () => {
      assertStep(first, await api.send(first.spoil(sound)));
    });

    const later = STEPS.slice(index + 1).filter(
      ({ name, not }) => !first.not?.includes(name) && !not?.includes(first.name),
    );
    for (const second of later) {
      it(`W50 tells of ${first.name} before ${second.name}`, async () => {
        assertStep(first, await api.send(first.spoil(second.spoil(sound))));
      });
    }
  }

  it('W50 tells of the first when everything is wrong', async () => {
    let request = sound;
    for (const step of STEPS.toReversed()) {
      request = step.spoil(request);
      assertStep(step, await api.send(request));
    }
  });

  it('W50 tells of Accept before the parameters of a list', async () => {
    problem(await api.send({ path: `${BASE}?page=0`, headers: { accept: 'text/html' } }), problems.accept);
    problem(await anonymous.send({ path: `${BASE}?page=0` }), problems.unauthorized);
  });

  it('W50 asks for credentials before it reads a body', async () => {
    for (const headers of [{}, wrong]) {
      const huge = { method: 'POST', headers, body: 'x'.repeat(300_000) };
      problem(await anonymous.send(huge), problems.unauthorized);
    }
  });
});

describe('the limits in that order', () => {
  it('W50 slows guessing down before it looks at credentials, but after the method', async () => {
    await using server = await startConfigured({ JACKFIELD_AUTH_LIMIT: '2' });
    const client = createClient(server.url);
    const { apiKey } = server.accounts[0];
    const guess = { authorization: `Basic ${Buffer.from(`${apiKey}:Wrong1234`).toString('base64')}` };
    for (let time = 0; time < 2; time++)
      problem(await client.send({ headers: guess }), problems.unauthorized);
    problem(await client.send({ headers: guess }), problems.rate);
    problem(await client.send({ headers: { ...guess, accept: 'text/html' } }), problems.rate);
    problem(await client.send({ method: 'POST', headers: guess, body: '{' }), problems.rate);
    problem(await client.send({ method: 'PATCH', headers: guess }), problems.verb('PATCH'));
    problem(await client.send({ path: '/nothing', headers: guess }), problems.resource);
    assert.equal((await client.send({ method: 'OPTIONS', headers: guess })).status, 204);
  });

  it('W50 counts requests after the credentials, and before everything that follows', async () => {
    await using server = await startConfigured({ JACKFIELD_RATE_LIMIT: '1' });
    const client = createClient(server.url, server.accounts[0]);
    const stranger = createClient(server.url);
    let refusals = 0;
    const followers: readonly [Sending, status: number][] = [
      [{ headers: { accept: 'text/html' } }, 406],
      [{ method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } }, 415],
      [{ method: 'POST', body: 'x'.repeat(262_145) }, 413],
      [{ method: 'POST', body: '{' }, 400],
      [{ method: 'POST', body: '{}' }, 400],
      [{ path: `${BASE}/${MISSING}` }, 404],
    ];
    for (const [sending, status] of followers) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => client.send(sending)));
      for (const answer of answers) {
        if (answer.status === 429) refusals += 1;
        else assert.equal(answer.status, status);
      }
      problem(await stranger.send(sending), problems.unauthorized);
      problem(await client.send({ ...sending, method: 'PATCH' }), problems.verb('PATCH'));
      problem(await client.send({ ...sending, path: '/nothing' }), problems.resource);
    }
    assert.ok(refusals >= followers.length, 'of eight at once some are beyond a limit of one');
  });
});
