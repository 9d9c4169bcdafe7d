/** An application on the wire: what POST and PUT take, and what every operation answers. */

import Type from 'typebox';
import { Capabilities } from './capabilities.ts';
import {
  EXAMPLE_CAPABILITIES_BODY,
  EXAMPLE_ID,
  EXAMPLE_ITEM,
  EXAMPLE_NAME,
  EXAMPLE_PRIVATE_KEY,
  EXAMPLE_PUBLIC_KEY,
} from './examples.ts';
import { MAX_NAME_CHARACTERS } from './limits.ts';
import { CLOSED } from './members.ts';
import { asSent, nullable, type Sent } from './sent.ts';

const PublicKey = Type.String({
  description: 'The RSA public key in PEM form.',
  examples: [EXAMPLE_PUBLIC_KEY],
});

const PrivateKey = Type.String({
  description: 'The RSA private key (PKCS#8, PEM). It is answered this once and kept nowhere.',
  examples: [EXAMPLE_PRIVATE_KEY],
});

const Privacy = Type.Object(
  {
    improve_ai: Type.Boolean({
      description: 'Whether content and data of the application may be used to improve AI services.',
      default: true,
      examples: [true],
    }),
  },
  { ...CLOSED, description: 'What may be done with the data of the application.' },
);

/**
 * A member that answers carry and that bodies may therefore carry too; whatever it is, it is ignored (W07).
 */
function ignored(name: string) {
  return Type.Optional(
    Type.Unknown({ description: `Ignored, so that an answer can be sent back as it is: ${name}.` }),
  );
}

/** The body of POST and PUT; the finer rules of `name`, keys and addresses are those of `domain/`. */
export const ApplicationBody = Type.Object(
  {
    name: Type.String({
      description: `The name of the application, 1 to ${MAX_NAME_CHARACTERS} characters; white space around it is cut off.`,
      examples: [EXAMPLE_NAME],
    }),
    keys: Type.Optional(
      nullable(
        Type.Object(
          {
            public_key: Type.Optional(
              nullable(
                Type.String({
                  description:
                    'An RSA public key, PEM, 2048 to 8192 bits. Without one POST makes a pair, PUT keeps the key.',
                  examples: [EXAMPLE_PUBLIC_KEY],
                }),
              ),
            ),
            private_key: ignored('the private key'),
          },
          { ...CLOSED, description: 'The key that tokens of the application are verified with.' },
        ),
      ),
    ),
    privacy: Type.Optional(nullable(asSent(Privacy))),
    capabilities: Type.Optional(nullable(asSent(Capabilities))),
    id: ignored('the id, which the server makes'),
    _links: ignored('the links'),
  },
  {
    ...CLOSED,
    description: 'An application as a client sends it.',
    examples: [
      { name: EXAMPLE_NAME, capabilities: EXAMPLE_CAPABILITIES_BODY, privacy: { improve_ai: false } },
    ],
  },
);

const members = {
  id: Type.String({
    description: 'The id of the application, a UUID made by the server.',
    format: 'uuid',
    examples: [EXAMPLE_ID],
  }),
  name: Type.String({
    description: 'The name of the application.',
    minLength: 1,
    maxLength: MAX_NAME_CHARACTERS,
    examples: [EXAMPLE_NAME],
  }),
  keys: Type.Object({ public_key: PublicKey }, { ...CLOSED, description: 'The public key.' }),
  privacy: Privacy,
  capabilities: Capabilities,
};

const links = Type.Object(
  {
    self: Type.Object(
      {
        href: Type.String({
          description: 'The path of the application.',
          format: 'uri-reference',
          examples: [`/v2/applications/${EXAMPLE_ID}`],
        }),
      },
      { ...CLOSED, description: 'The application itself.' },
    ),
  },
  { ...CLOSED, description: 'Where the application is.' },
);

const answerExample = { ...EXAMPLE_ITEM, _links: { self: { href: `/v2/applications/${EXAMPLE_ID}` } } };

/** An application as an item of a list (W31). */
export const ApplicationItem = Type.Object(members, {
  ...CLOSED,
  description: 'An application in a list.',
  examples: [EXAMPLE_ITEM],
});

/** What GET and PUT of one application answer. */
export const ApplicationAnswer = Type.Object(
  { ...members, _links: links },
  { ...CLOSED, description: 'An application.', examples: [answerExample] },
);

/** What POST answers: the private key too, if the server made the pair (W09). */
export const CreatedApplicationAnswer = Type.Object(
  {
    ...members,
    keys: Type.Object(
      { private_key: Type.Optional(PrivateKey), public_key: PublicKey },
      { ...CLOSED, description: 'The key, and the private key where the server made the pair.' },
    ),
    _links: links,
  },
  {
    ...CLOSED,
    description: 'An application that has just been made.',
    examples: [
      { ...answerExample, keys: { private_key: EXAMPLE_PRIVATE_KEY, public_key: EXAMPLE_PUBLIC_KEY } },
    ],
  },
);

/** A list item as it is kept (W30). */
export type ApplicationItem = Type.Static<typeof ApplicationItem>;

/** What a body says once nulls and whatever is faulty are taken out of it: any member may be absent. */
export type SentApplication = Sent<Type.Static<typeof ApplicationBody>>;
