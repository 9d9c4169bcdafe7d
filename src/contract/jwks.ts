/** The public keys of an application as a JWK set (RFC 7517). */

import Type from 'typebox';
import { CLOSED } from './members.ts';

const EXAMPLE = {
  kty: 'RSA',
  kid: 'RZuL6Nvl1WcZlE_UQ4dbj1Yg1k3rMVEQ8VZ1bYBsNjo',
  use: 'sig',
  alg: 'RS256',
  n: 'qMHaP-jP4bsm5uMS9z7Y_6ZGLnPg2BKEC5Ccu5dhDUFWH5WBROAWzrtKEt_vrrp_',
  e: 'AQAB',
} as const;

function word<const Value extends string>(value: Value, description: string) {
  return Type.Literal(value, { description, examples: [value] });
}

function coded(description: string, example: string) {
  return Type.String({ description, pattern: '^[A-Za-z0-9_-]+$', examples: [example] });
}

const Jwk = Type.Object(
  {
    kty: word('RSA', 'The kind of key.'),
    kid: coded('The name of the key: its thumbprint (RFC 7638).', EXAMPLE.kid),
    use: word('sig', 'What it is for: verifying signatures.'),
    alg: word('RS256', 'The algorithm that tokens are signed with.'),
    n: coded('The modulus.', EXAMPLE.n),
    e: coded('The exponent.', EXAMPLE.e),
  },
  { ...CLOSED, description: 'One public key.' },
);

/** What a library fetches to verify tokens of an application. */
export const JwkSet = Type.Object(
  {
    keys: Type.Array(Jwk, {
      description: 'The key of the application, and behind it the retired one while that is valid.',
      minItems: 1,
      maxItems: 2,
    }),
  },
  { ...CLOSED, description: 'The public keys of an application.', examples: [{ keys: [EXAMPLE] }] },
);

export type Jwk = Type.Static<typeof Jwk>;

export type JwkSet = Type.Static<typeof JwkSet>;
