/** A document that is made once, on its first request, and then served from memory under an ETag. */

import { hash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { onFirstUse } from '../first-use.ts';

/** Where a document is, what it is, and how it is made. */
export interface DocumentRoute {
  readonly url: string;
  readonly contentType: string;
  /** Headers of every answer, 304 included. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once; again only after it has failed. */
  readonly load: () => Promise<string | Buffer>;
}

interface Document {
  readonly body: Buffer;
  readonly etag: string;
}

/**
 * Answers `GET` and `HEAD` on `route.url`; a client that holds the current version is told so with a 304
 * (RFC 9110 §13.1.2). Copies may be kept as long as one likes, but are asked about each time they are used.
 */
export function registerDocument(app: FastifyInstance, route: DocumentRoute): void {
  const findDocument = onFirstUse(async () => createDocument(await route.load()));
  app.route({
    method: ['GET', 'HEAD'],
    url: route.url,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const document = await findDocument();
      reply
        .headers({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', ...route.headers })
        .headers({ 'cache-control': 'no-cache', etag: document.etag });
      return answer(request, reply.type(route.contentType), document);
    },
  });
}

function answer(request: FastifyRequest, reply: FastifyReply, { body, etag }: Document): FastifyReply {
  if (holds(request.headers['if-none-match'], etag)) {
    return reply.code(304).removeHeader('content-type').send();
  }
  return reply.header('content-length', body.length).send(body);
}

function createDocument(content: string | Buffer): Document {
  const body = typeof content === 'string' ? Buffer.from(content) : content;
  return { body, etag: `"${hash('sha256', body, 'base64url').slice(0, 22)}"` };
}

/** Whether the `If-None-Match` of a request names `etag`; weak validators count (RFC 9110 §13.1.2). */
function holds(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
}
