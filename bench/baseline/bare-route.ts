/** Baseline of the reads: a plain Fastify application with one route that answers given bytes. */

import { readFileSync } from 'node:fs';
import fastify from 'fastify';

/** What the route answers: one body for everybody, or one for each id. */
export interface BareAnswers {
  readonly route: string;
  readonly contentType: string;
  /** How the bare route keeps its body: large ones are sent six times faster as bytes than as a string. */
  readonly form: 'string' | 'bytes';
  readonly bodies: { readonly all: string } | { readonly byId: Readonly<Record<string, string>> };
}

const answers = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as BareAnswers;
const { route, contentType, form, bodies } = answers;
const app = fastify();

if ('all' in bodies) {
  const body = form === 'bytes' ? Buffer.from(bodies.all) : bodies.all;
  app.get(route, (_request, reply) => {
    reply.header('content-type', contentType).send(body);
  });
} else {
  const byId = new Map(Object.entries(bodies.byId));
  app.get<{ Params: { id: string } }>(route, (request, reply) => {
    reply.header('content-type', contentType).send(byId.get(request.params.id));
  });
}

process.on('disconnect', () => process.exit());
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ result: url });
