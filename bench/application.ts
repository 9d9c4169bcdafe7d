/** The application the bench creates: voice with three webhooks, messages with two, a public key. */

import { generateKeyPairSync } from 'node:crypto';

const capabilities = {
  voice: {
    webhooks: {
      answer_url: { address: 'https://example.com/webhooks/answer', http_method: 'POST' },
      fallback_answer_url: { address: 'https://fallback.example.com/webhooks/answer', http_method: 'GET' },
      event_url: { address: 'https://example.com/webhooks/event', http_method: 'POST' },
    },
  },
  messages: {
    webhooks: {
      inbound_url: { address: 'https://example.com/webhooks/inbound', http_method: 'POST' },
      status_url: { address: 'https://example.com/webhooks/status', http_method: 'POST' },
    },
  },
};

/** A request body that asks for a generated key pair. */
export function composeApplication(): string {
  return JSON.stringify({ name: 'Bench application', capabilities });
}

/** A request body that brings its own key, an RSA key of 2048 bit made for this run. */
export function composeKeyedApplication(): string {
  const { publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return JSON.stringify({ name: 'Bench application', capabilities, keys: { public_key: publicKey } });
}
