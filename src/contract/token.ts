/** What is asked about a token of an application, and what is answered. */

import Type from 'typebox';
import { EXAMPLE_ID } from './examples.ts';
import { CLOSED } from './members.ts';

const EXAMPLE_CLAIMS = {
  application_id: EXAMPLE_ID,
  iat: 1_790_000_000,
  exp: 1_790_000_900,
  jti: '0190b2b4-5f0e-4c0f-9a55-3a1d1c0d8c11',
  acl: { paths: { '/*/messages/**': {} } },
};

/** The body of a question about a token. */
export const TokenBody = Type.Object(
  {
    token: Type.String({
      description: 'The token as it would stand behind `Bearer`.',
      examples: ['eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJhcHBsaWNhdGlvbl9pZCI6Ii4uLiJ9.c2lnbmF0dXJl'],
    }),
  },
  {
    ...CLOSED,
    description: 'A token to be judged.',
    examples: [
      { token: 'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJhcHBsaWNhdGlvbl9pZCI6Ii4uLiJ9.c2lnbmF0dXJl' },
    ],
  },
);

const Accepted = Type.Object(
  {
    valid: Type.Literal(true, { description: 'The token holds.', examples: [true] }),
    claims: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      description: 'All claims of the token, as they stand in it.',
      additionalProperties: true,
      examples: [EXAMPLE_CLAIMS],
    }),
  },
  { ...CLOSED, description: 'A token that holds.' },
);

const Refused = Type.Object(
  {
    valid: Type.Literal(false, { description: 'The token does not hold.', examples: [false] }),
    reason: Type.String({
      description: 'The first thing that is wrong with it, a phrase for people.',
      examples: ['the token has expired'],
    }),
  },
  { ...CLOSED, description: 'A token that does not hold.' },
);

/** What is answered about a token. */
export const TokenVerdict = Type.Union([Accepted, Refused], {
  description: 'Whether a token holds: its claims, or why it does not.',
  examples: [
    { valid: true, claims: EXAMPLE_CLAIMS },
    { valid: false, reason: 'the token has expired' },
  ],
});

export type TokenVerdict = Type.Static<typeof TokenVerdict>;
