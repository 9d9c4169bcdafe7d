/** How an answer of `/v2` is written: which headers, in one flat array, and the body in one piece. */

import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { AnswerHeads } from './answer-head.ts';
import type { Exchange } from './exchange.ts';
import { type Problem, presentError, writeProblem } from './problem.ts';

/** A body with its length in bytes. A string goes out in one piece with the headers; a large one is better kept as bytes. */
export interface Body {
  readonly content: string | readonly Uint8Array[];
  readonly bytes: number;
  /** The entity tag of what it is an answer of, where that has one (W70). */
  readonly tag?: string | undefined;
}

/** From this size on a body is kept as bytes, which are handed to the socket without another copy. */
const KEEP_AS_BYTES = 16 * 1024;

/** Whether the server is about to end; its answers then say that the connection does too (W24). */
export interface Draining {
  draining: boolean;
}

/** Measures a body once, so that it can be sent many times. */
export function createBody(text: string, tag?: string): Body {
  const bytes = Buffer.byteLength(text);
  return { content: bytes < KEEP_AS_BYTES ? text : [Buffer.from(text)], bytes, tag };
}

/** A body of pieces that are bytes already; they are never put together (80 µs for 130 kB). */
export function createBodyOf(pieces: readonly Uint8Array[]): Body {
  return { content: pieces, bytes: pieces.reduce((sum, piece) => sum + piece.length, 0) };
}

/** Writes answers; one for each server. */
export class Answers {
  readonly #state: Draining;
  readonly #heads = new AnswerHeads();

  constructor(state: Draining) {
    this.#state = state;
  }

  /** Answers with JSON. */
  send(reply: FastifyReply, exchange: Exchange, status: number, body: Body, more?: readonly string[]): void {
    this.#write(reply, status, body, this.#headers(exchange, more));
  }

  /** Answers with JSON that was read, as nearly every answer does; its head may be put together (`answer-head.ts`). */
  sendRead(reply: FastifyReply, exchange: Exchange, body: Body): void {
    const headers = withBody(this.#headers(exchange, undefined), body);
    if (this.#state.draining) reply.raw.writeHead(200, headers);
    else this.#heads.write(reply.raw, headers);
    endWith(reply.raw, body);
  }

  /** Answers everybody with JSON that caches may keep for some seconds. */
  sendPublic(reply: FastifyReply, exchange: Exchange, body: Body, seconds: number): void {
    const headers = ['Cache-Control', `public, max-age=${seconds}`, 'X-Request-Id', exchange.id];
    if (this.#state.draining) headers.push('Connection', 'close');
    this.#write(reply, 200, body, headers);
  }

  #write(reply: FastifyReply, status: number, body: Body, headers: string[]): void {
    reply.raw.writeHead(status, withBody(headers, body));
    endWith(reply.raw, body);
  }

  /** Answers without a body. */
  sendEmpty(reply: FastifyReply, exchange: Exchange, more?: readonly string[]): void {
    reply.raw.writeHead(204, this.#headers(exchange, more)).end();
  }

  /** Answers that the client holds what is there already (W71). */
  sendUnmodified(reply: FastifyReply, exchange: Exchange, { tag = '' }: Body): void {
    reply.raw.writeHead(304, this.#headers(exchange, ['ETag', tag])).end();
  }

  /** Answers with a problem document. */
  sendProblem(reply: FastifyReply, exchange: Exchange, problem: Problem): void {
    const more = [...(problem.headers ?? [])];
    if (problem.retryAfter !== undefined) more.push('Retry-After', `${problem.retryAfter}`);
    this.send(reply, exchange, problem.status, createBody(writeProblem(problem, exchange.id)), more);
  }

  /** Answers with the problem that an error is, and keeps what went wrong on our side for the log. */
  fail(reply: FastifyReply, exchange: Exchange, error: unknown): void {
    const problem = presentError(error);
    if (problem.status >= 500) exchange.failure = error;
    this.sendProblem(reply, exchange, problem);
  }

  #headers({ id, rateLimit, ratePolicy }: Exchange, more: readonly string[] | undefined): string[] {
    const headers =
      rateLimit === ''
        ? ['Cache-Control', 'no-store', 'X-Request-Id', id]
        : [
            'Cache-Control',
            'no-store',
            'X-Request-Id',
            id,
            'RateLimit',
            rateLimit,
            'RateLimit-Policy',
            ratePolicy,
          ];
    if (more !== undefined) headers.push(...more);
    if (this.#state.draining) headers.push('Connection', 'close');
    return headers;
  }
}

/** Puts the headers that tell of a body behind others. */
function withBody(headers: string[], { bytes, tag }: Body): string[] {
  if (tag !== undefined) headers.push('ETag', tag);
  headers.push('Content-Type', 'application/json; charset=utf-8', 'Content-Length', `${bytes}`);
  return headers;
}

function endWith(raw: ServerResponse, { content, bytes }: Body): void {
  // One byte for each character: no UTF-8 to be found out again.
  if (typeof content === 'string') raw.end(content, content.length === bytes ? 'latin1' : 'utf8');
  else sendPieces(raw, content);
}

/** Writes pieces as they are, in one system call with the headers. */
function sendPieces(raw: ServerResponse, pieces: readonly Uint8Array[]): void {
  raw.cork();
  for (const piece of pieces) raw.write(piece);
  raw.end();
}
