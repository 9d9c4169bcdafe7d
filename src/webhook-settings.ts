/** The part of the table of settings that is about webhooks. */

import { claim, oneOf, ranges, whole } from './setting-values.ts';

/** Where webhooks may go, who signs them, and what is kept of them. */
export const WEBHOOK_SETTINGS = {
  egressAllow: {
    name: 'JACKFIELD_EGRESS_ALLOW',
    group: 'Webhooks',
    value: 'list',
    about:
      'Addresses or CIDR ranges that webhooks may have beside those allowed anyway, with commas between them. `jackfield serve` calls public addresses only; `jackfield dev` also loopback and private ones.',
    fallback: '',
    parse: ranges('to allow'),
  },
  signatureIssuer: {
    name: 'JACKFIELD_SIGNATURE_ISSUER',
    group: 'Webhooks',
    value: 'name',
    about: 'Who signed callbacks say they come from: the claim `iss` of their token.',
    fallback: 'Vonage',
    parse: claim,
  },
  deliveryBodies: {
    name: 'JACKFIELD_DELIVERY_BODIES',
    group: 'Webhooks',
    value: 'keep|private|drop',
    about:
      'Whether a delivery that has ended keeps what was sent and answered, for the log and to be replayed: `keep` for all, `private` for all but those of applications with `privacy.improve_ai: false`, `drop` for none. Sizes, hashes, states and times are kept always.',
    fallback: { dev: 'keep', serve: 'private' },
    parse: oneOf('keep', 'private', 'drop'),
  },
  deliveryRetentionDays: {
    name: 'JACKFIELD_DELIVERY_RETENTION_DAYS',
    group: 'Webhooks',
    value: 'days',
    about: 'How long deliveries are kept once they have ended, in days from when they were accepted.',
    fallback: '30',
    parse: whole(1, 3650),
  },
} as const;
