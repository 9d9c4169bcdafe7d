/** Bodies, keys and the table of webhooks that the wire suite works with. */

import { createPublicKey, randomBytes } from 'node:crypto';

/** An RSA key of 2048 bit whose private half was thrown away; it goes where a test needs no signature. */
export const OWN_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAte2YtqExRBXeFE/jFNQf
AEYNrmTb7Ag5K8S3wK1sMx4xM/S8fV9XIPQJgDiPOX8zw9EYXWxBdWn+PXPbhWVs
Qqe505YKPIzHTosxUV8kn2K5pCVmB59o2msAa7Xnd/bD7kziTauZ+ozVUHfjgfxt
SEGFf+QjhhdM5SHd+bpEmGB9odGADRT9AGndYjqsRmxFLd9O81F76VR8NYoPnXy5
kwZ/jrWduho2buhN4Jao4sPGGVBMvy7kY/Q/dD5M2DX2TRGVQ8O+QI7oR0COB/vH
SzaxZJ0hly/Fi1XWTPT6t2FJbO1bmjnFIt/tMuga+svHuZQTtmJzd6g92cu5WBt+
BwIDAQAB
-----END PUBLIC KEY-----
`;

/** Another such key. */
export const OTHER_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAm7hvtE9dvitAFzSkdCwu
TCiBDrCfCEc6CcWq5iHl0+NhNr1dcduFDc6/IruPaqrK1U4V21MDPcSjI6LvgJ4g
OSJoRyX0F5kZ//61/9kJVOLXJpVkdxH2012uAo9VBDFwrKsqxHnGHsN3aFb9l0mC
wPqgUwGnxcUThezAr/y6h14tjrisaDn2nUu3lseOEA/a6Es9A8b6CfIDwinrm/f8
I7mlzpYYKO4euYMArN3XsANpfTu4RW0bKWEXdd3gAvfQB/eRXZi1Nvy36EGs3HTW
VFFE+/iRFR+FPvYye1A/eW6S+8HxbsavOLsf/GfRWFW5ZaJOUptB29IIqD6sNZxB
bQIDAQAB
-----END PUBLIC KEY-----
`;

/** Whether two PEM texts hold the same public key. */
export function sameKey(one: string, other: string): boolean {
  return createPublicKey(one).equals(createPublicKey(other));
}

/** A public key of any size and exponent, of which nobody has the private half: its modulus is drawn by lot. */
export function oddKey(bits: number, exponent = 65537): ReturnType<typeof createPublicKey> {
  const modulus = randomBytes(Math.ceil(bits / 8));
  const top = (bits - 1) % 8;
  modulus[0] = ((modulus[0] ?? 0) & ((1 << top) - 1)) | (1 << top);
  modulus[modulus.length - 1] = (modulus.at(-1) ?? 0) | 1;
  const e = Buffer.from(exponent.toString(16).padStart(6, '0'), 'hex');
  return createPublicKey({
    key: { kty: 'RSA', n: modulus.toString('base64url'), e: e.toString('base64url') },
    format: 'jwk',
  });
}

/** What the contract says of one webhook. */
export interface WebhookRule {
  readonly capability: string;
  readonly webhook: string;
  /** As the reason of a fault lists them. */
  readonly methods: readonly string[];
  readonly method: string;
  readonly timeouts?: { readonly connection: number; readonly socket: number };
}

const voice = (webhook: string, method: string, socket: number): WebhookRule => ({
  capability: 'voice',
  webhook,
  methods: ['GET', 'POST'],
  method,
  timeouts: { connection: 1000, socket },
});

const plain = (capability: string, webhook: string, ...methods: string[]): WebhookRule => ({
  capability,
  webhook,
  methods,
  method: 'POST',
});

/** Every webhook of the contract; the timeouts' defaults are their maxima, the minima 300 and 1000 ms. */
export const WEBHOOKS: readonly WebhookRule[] = [
  voice('answer_url', 'GET', 5000),
  voice('fallback_answer_url', 'GET', 5000),
  voice('event_url', 'POST', 10000),
  plain('messages', 'inbound_url', 'POST'),
  plain('messages', 'status_url', 'POST'),
  plain('rtc', 'event_url', 'GET', 'POST'),
  plain('meetings', 'room_changed', 'GET', 'POST', 'PUT'),
  plain('meetings', 'session_changed', 'GET', 'POST', 'PUT'),
  plain('meetings', 'recording_changed', 'GET', 'POST', 'PUT'),
  plain('verify', 'status_url', 'POST'),
];

/** The webhooks that have timeouts. */
export const VOICE_WEBHOOKS = WEBHOOKS.flatMap((rule) =>
  rule.timeouts === undefined ? [] : [{ ...rule, timeouts: rule.timeouts }],
);

/** The dotted path of a webhook. */
export const pathOf = (rule: WebhookRule) => `capabilities.${rule.capability}.webhooks.${rule.webhook}`;

/** A body with its own key, which costs the server no key pair. */
export function body(members: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { name: 'sample', keys: { public_key: OWN_KEY }, ...members };
}

/** A body with these capabilities. */
export const withCapabilities = (capabilities: unknown) => body({ capabilities });

/** A body with one webhook, given as it is. */
export const withWebhook = (rule: WebhookRule, webhook: unknown) =>
  withCapabilities({ [rule.capability]: { webhooks: { [rule.webhook]: webhook } } });

/** A body with `value` at a dotted path beneath the top; whole numbers are members here, not indices. */
export function withMember(path: string, value: unknown): Record<string, unknown> {
  const whole = body();
  const names = path.split('.');
  let here = whole;
  for (const name of names.slice(0, -1)) {
    const next = (here[name] ?? {}) as Record<string, unknown>;
    here[name] = next;
    here = next;
  }
  here[names.at(-1) ?? ''] = value;
  return whole;
}

/** A body that uses every member there is, none at its default. */
export function everything(): Record<string, unknown> {
  const hook = (rule: WebhookRule, index: number) => ({
    address: `https://example.com/${rule.capability}/${rule.webhook}?n=${index}#x`,
    http_method: rule.methods.at(-1),
    ...(rule.timeouts === undefined ? {} : { connection_timeout: 300 + index, socket_timeout: 1001 + index }),
  });
  const webhooks = (capability: string) =>
    Object.fromEntries(
      WEBHOOKS.filter((rule) => rule.capability === capability).map((rule, index) => [
        rule.webhook,
        hook(rule, index),
      ]),
    );
  return body({
    name: 'Everything 🎈',
    privacy: { improve_ai: false },
    capabilities: {
      voice: {
        webhooks: webhooks('voice'),
        signed_callbacks: false,
        conversation_ttl: 30,
        leg_persistence_time: 31,
        region: 'apac-australia',
        payment_enabled: true,
        payments: { gateways: [{ type: 'Stripe', credential: 'c', mode: 'live' }] },
      },
      messages: { webhooks: webhooks('messages'), version: 'v0.1', authenticate_inbound_media: true },
      rtc: { webhooks: webhooks('rtc'), signed_callbacks: false, leg_persistence_time: 1 },
      meetings: { webhooks: webhooks('meetings') },
      verify: { webhooks: webhooks('verify'), version: 'v2' },
      vbc: {},
      video: { webhooks: { archive_status: { address: 'x', secret: 's' } }, deep: [{ a: [null, 1.5] }] },
      network_apis: { network_application_id: 'n-1', redirect_uri: 'https://example.com/cb', more: true },
      bulk: { webhooks: { list_status_url: { address: 'https://example.com/bulk' } } },
    },
  });
}
