/** Two names of one value: `connection_timeout` and `connect_timeout`, `conversation_ttl` and `conversations_ttl`. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Answer, type Application, application, at, createClient } from './client.ts';
import { type Fault, refused } from './problem.ts';
import { body, pathOf, VOICE_WEBHOOKS, type WebhookRule, withWebhook } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const ADDRESS = 'https://example.com/hook';

/** A value with two spellings: where it stands, and a body that holds given members there. */
interface Twin {
  readonly what: string;
  readonly one: string;
  readonly other: string;
  readonly place: string;
  readonly values: readonly [number, number, number];
  readonly outside: number;
  readonly range: string;
  readonly standard: number;
  body(members: Record<string, unknown>): Record<string, unknown>;
}

const timeout = (rule: WebhookRule): Twin => ({
  what: `${rule.webhook}.connection_timeout`,
  one: 'connection_timeout',
  other: 'connect_timeout',
  place: pathOf(rule),
  values: [300, 500, 900],
  outside: 1001,
  range: 'must be between 300 and 1000',
  standard: 1000,
  body: (members) => withWebhook(rule, { address: ADDRESS, ...members }),
});

const ttl: Twin = {
  what: 'conversation_ttl',
  one: 'conversation_ttl',
  other: 'conversations_ttl',
  place: 'capabilities.voice',
  values: [0, 30, 9000],
  outside: 9001,
  range: 'must be between 0 and 9000',
  standard: 48,
  body: (members) => body({ capabilities: { voice: members } }),
};

const TWINS = [...VOICE_WEBHOOKS.map(timeout), ttl];

function assertValue(found: Application, twin: Twin, value: number): void {
  assert.equal(at(found, `${twin.place}.${twin.one}`), value);
  assert.equal(at(found, `${twin.place}.${twin.other}`), value);
}

const differ = (twin: Twin): Fault => [`${twin.place}.${twin.other}`, `must equal ${twin.one}`];

for (const twin of TWINS) {
  const { one, other } = twin;
  const [low, middle, high] = twin.values;
  const create = (members: Record<string, unknown>) => api.create(twin.body(members));
  /** Creates with `stored`, then PUTs `members`; gives the answer and the application's id. */
  const change = async (stored: Record<string, unknown>, members: Record<string, unknown>) => {
    const { id } = await api.given(twin.body(stored));
    return { id, answer: await api.update(id, twin.body(members)) };
  };
  const assertChanged = async ({ id, answer }: { id: string; answer: Answer }, value: number) => {
    assertValue(application(answer), twin, value);
    assertValue(await api.found(id), twin, value);
  };

  describe(twin.what, () => {
    it('W15 is taken by either name and answered by both', async () => {
      for (const value of twin.values) {
        for (const sent of [{ [one]: value }, { [other]: value }, { [one]: value, [other]: value }]) {
          assertValue(application(await create(sent), 201), twin, value);
          await assertChanged(await change({}, sent), value);
        }
      }
      assertValue(application(await create({}), 201), twin, twin.standard);
    });

    it('W15 null for one of the names leaves the other (W20)', async () => {
      assertValue(application(await create({ [one]: null, [other]: low }), 201), twin, low);
      assertValue(application(await create({ [one]: low, [other]: null }), 201), twin, low);
      assertValue(application(await create({ [one]: null, [other]: null }), 201), twin, twin.standard);
      await assertChanged(await change({ [one]: low }, { [one]: high, [other]: null }), high);
    });

    it('W15 with two values is refused in a POST, by the other name', async () => {
      refused(await create({ [one]: low, [other]: high }), differ(twin));
      refused(await create({ [other]: high, [one]: low }), differ(twin));
      refused(await create({ [one]: twin.standard, [other]: low }), differ(twin));
    });

    it('W15 with two values in a PUT takes the one that is not stored', async () => {
      await assertChanged(await change({ [one]: middle }, { [one]: middle, [other]: low }), low);
      await assertChanged(await change({ [one]: middle }, { [one]: low, [other]: middle }), low);
      await assertChanged(await change({ [other]: middle }, { [one]: middle, [other]: high }), high);
      await assertChanged(await change({ [other]: middle }, { [other]: middle, [one]: high }), high);
    });

    it('W15 with two values in a PUT compares with a default that was stored', async () => {
      await assertChanged(await change({}, { [one]: twin.standard, [other]: middle }), middle);
      await assertChanged(await change({}, { [one]: middle, [other]: twin.standard }), middle);
    });

    it('W15 with two new values in a PUT is refused, and the stored one stays', async () => {
      const { id, answer } = await change({ [one]: middle }, { [one]: low, [other]: high });
      refused(answer, differ(twin));
      assertValue(await api.found(id), twin, middle);
    });

    it('W15 with two values in a PUT is refused where nothing is stored to compare with', async () => {
      const { id } = await api.given(body());
      refused(await api.update(id, twin.body({ [one]: low, [other]: high })), differ(twin));
      refused(await api.update(id, twin.body({ [one]: twin.standard, [other]: high })), differ(twin));
    });

    it('W15 compares with what is stored now, not with what was', async () => {
      const { id } = await change({ [one]: low }, { [one]: middle });
      refused(await api.update(id, twin.body({ [one]: low, [other]: high })), differ(twin));
      assertValue(application(await api.update(id, twin.body({ [one]: middle, [other]: high }))), twin, high);
    });

    it('W15 out of range is named by the spelling that was sent', async () => {
      const { outside, range } = twin;
      const [here, there]: [Fault, Fault] = [
        [`${twin.place}.${one}`, range],
        [`${twin.place}.${other}`, range],
      ];
      refused(await create({ [one]: outside }), here);
      refused(await create({ [other]: outside }), there);
      refused(await create({ [one]: outside, [other]: outside }), here, there);
      refused(await create({ [other]: outside, [one]: outside }), there, here);
      refused(await create({ [one]: outside, [other]: -1 }), here, there);
      refused(await create({ [one]: low, [other]: outside }), there);
      refused(await create({ [one]: outside, [other]: low }), here);
      refused((await change({ [one]: middle }, { [one]: middle, [other]: outside })).answer, there);
    });

    it('W15 of another kind is named by the spelling that was sent', async () => {
      refused(await create({ [one]: `${low}`, [other]: high }), [
        `${twin.place}.${one}`,
        'must be an integer',
      ]);
      refused(await create({ [one]: high, [other]: 1.5 }), [`${twin.place}.${other}`, 'must be an integer']);
    });
  });
}

describe('two values at once', () => {
  it('W15 each webhook and the TTL are settled for themselves', async () => {
    const sent = (answer: object, event: object, ttls: object) => ({
      ...body(),
      capabilities: {
        voice: {
          webhooks: {
            answer_url: { address: ADDRESS, ...answer },
            event_url: { address: ADDRESS, ...event },
          },
          ...ttls,
        },
      },
    });
    const { id } = await api.given(
      sent({ connection_timeout: 400 }, { connect_timeout: 500 }, { conversation_ttl: 10 }),
    );
    const edited = sent(
      { connection_timeout: 400, connect_timeout: 450 },
      { connection_timeout: 550, connect_timeout: 500 },
      { conversation_ttl: 10, conversations_ttl: 20 },
    );
    const updated = application(await api.update(id, edited));
    assert.equal(at(updated, 'capabilities.voice.webhooks.answer_url.connection_timeout'), 450);
    assert.equal(at(updated, 'capabilities.voice.webhooks.event_url.connect_timeout'), 550);
    assert.equal(at(updated, 'capabilities.voice.conversation_ttl'), 20);
    const again = application(await api.update(id, edited));
    assert.equal(
      at(again, 'capabilities.voice.webhooks.answer_url.connection_timeout'),
      400,
      'it swings back',
    );
    assert.equal(at(again, 'capabilities.voice.webhooks.event_url.connect_timeout'), 500);
    assert.equal(at(again, 'capabilities.voice.conversation_ttl'), 10);
  });

  it('W15 are judged in a webhook that is not given, too', async () => {
    for (const rule of VOICE_WEBHOOKS) {
      const sent = { address: '', connection_timeout: 300, connect_timeout: 400 };
      const fault: Fault = [`${pathOf(rule)}.connect_timeout`, 'must equal connection_timeout'];
      refused(await api.create(withWebhook(rule, sent)), fault);
      const { id } = await api.given(body());
      refused(await api.update(id, withWebhook(rule, sent)), fault);
    }
  });

  it('W15 the same number written in two ways is one value', async () => {
    const text = JSON.stringify(ttl.body({ conversation_ttl: 30 }));
    const answer = await api.send({
      method: 'POST',
      body: text.replace('"conversation_ttl":30', '"conversation_ttl":30,"conversations_ttl":3.0e1'),
    });
    assertValue(application(answer, 201), ttl, 30);
  });
});
