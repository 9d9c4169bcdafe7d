/** What the server answers about itself, beside the API. */

import Type from 'typebox';
import { CLOSED } from './members.ts';

function link(description: string, path: string) {
  const href = Type.String({ description: 'The path.', format: 'uri-reference', examples: [path] });
  return Type.Object({ href }, { ...CLOSED, description });
}

/** What `GET /` answers. */
export const ServerInfo = Type.Object(
  {
    name: Type.String({ description: 'What answers here.', examples: ['Jackfield'] }),
    version: Type.String({ description: 'Its version.', examples: ['0.1.0'] }),
    _links: Type.Object(
      {
        self: link('This answer.', '/'),
        applications: link('The API.', '/v2/applications'),
        openapi: link('Its description, for programs.', '/openapi.json'),
        docs: link('Its description, for people.', '/docs'),
        jackfield_openapi: link(
          "The description of Jackfield's own API, for programs.",
          '/jackfield/openapi.json',
        ),
        jackfield_docs: link("The description of Jackfield's own API, for people.", '/jackfield/docs'),
        health: link('Whether the process is alive.', '/healthz'),
        readiness: link('Whether requests can be served.', '/readyz'),
      },
      { ...CLOSED, description: 'Where the parts of the server are.' },
    ),
  },
  {
    ...CLOSED,
    description: 'The server, and where its parts are.',
    examples: [
      {
        name: 'Jackfield',
        version: '0.1.0',
        _links: {
          self: { href: '/' },
          applications: { href: '/v2/applications' },
          openapi: { href: '/openapi.json' },
          docs: { href: '/docs' },
          jackfield_openapi: { href: '/jackfield/openapi.json' },
          jackfield_docs: { href: '/jackfield/docs' },
          health: { href: '/healthz' },
          readiness: { href: '/readyz' },
        },
      },
    ],
  },
);

/** What `/healthz` answers. */
export const Health = Type.Object(
  { status: Type.Literal('ok', { description: 'Always `ok`.', examples: ['ok'] }) },
  { ...CLOSED, description: 'The process is alive.', examples: [{ status: 'ok' }] },
);

/** What `/readyz` answers while requests can be served. */
export const Readiness = Type.Object(
  {
    status: Type.Literal('ready', { description: 'Always `ready`.', examples: ['ready'] }),
    database: Type.Literal('ok', { description: 'The database answered.', examples: ['ok'] }),
  },
  {
    ...CLOSED,
    description: 'Requests can be served.',
    examples: [{ status: 'ready', database: 'ok' }],
  },
);
