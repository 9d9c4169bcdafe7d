/** Example values that schemas share; each is a value the server itself would take or give. */

export const EXAMPLE_ID = '019a1f3e-7c52-7b84-9d36-4f0b8a2c6e51';

export const EXAMPLE_PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqMHaP+jP4bsm5uMS9z7Y
/6ZGLnPg2BKEC5Ccu5dhDUFWH5WBROAWzrtKEt/vrrp/gYlSiqnZ4FMDKg5Y8CQx
vdkxMV/F94rrNHz9nT4u+Jnw2CWwvuX2vDSnhJ0myAUcdAcLpvJCu4jpzhaqcM0v
+bsn0Tusy5ClElk/n5/ffid4zwnnehYQlse47Ea/HuaRrm5aainX1bIfFbeIpXpz
LZayWc+SIOOc80hkmplthtQDEhaLG6wq10L9Yrld2qhz5SkDXkLiebviz4OciG2r
WI+YULWk3UNGLtTdglA89bWmOea/9HrciHik6dG05dQbDnVegQ4bUyN4ZwglXlII
1QIDAQAB
-----END PUBLIC KEY-----
`;

/** No key: only its first and last line and the dots between them. */
export const EXAMPLE_PRIVATE_KEY = '-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----\n';

export const EXAMPLE_NAME = 'Front desk';

/** What a client sends for a `voice` capability with a webhook. */
export const EXAMPLE_CAPABILITIES_BODY = {
  voice: { webhooks: { answer_url: { address: 'https://example.com/webhooks/answer' } } },
  messages: { webhooks: { inbound_url: { address: 'https://example.com/webhooks/inbound' } } },
};

/** What the server makes of `EXAMPLE_CAPABILITIES_BODY`. */
export const EXAMPLE_CAPABILITIES = {
  voice: {
    signed_callbacks: true,
    conversation_ttl: 48,
    conversations_ttl: 48,
    leg_persistence_time: 7,
    webhooks: {
      answer_url: {
        address: 'https://example.com/webhooks/answer',
        http_method: 'GET',
        connection_timeout: 1000,
        connect_timeout: 1000,
        socket_timeout: 5000,
      },
    },
  },
  messages: {
    version: 'v1',
    webhooks: { inbound_url: { address: 'https://example.com/webhooks/inbound', http_method: 'POST' } },
  },
};

export const EXAMPLE_ITEM = {
  id: EXAMPLE_ID,
  name: EXAMPLE_NAME,
  keys: { public_key: EXAMPLE_PUBLIC_KEY },
  privacy: { improve_ai: true },
  capabilities: EXAMPLE_CAPABILITIES,
};
