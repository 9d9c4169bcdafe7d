/** The wire suite's HTTP client: it sends exactly what it is told to send and reads every answer whole. */

import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';

export const BASE = '/v2/applications';

/** What HTTP Basic needs to speak for one account. */
export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** One whole answer; `json` parses the text and throws where there is none. */
export interface Answer {
  readonly status: number;
  /** Header names in lower case; repeated headers are joined by `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  readonly json: unknown;
}

/** What to send: a header whose value is `undefined` takes a default away. */
export interface Sending {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  /** The client's own loopback address, for what a server keeps by address. */
  readonly from?: string;
}

/** An application as the API answers it; capabilities are looked into with `at`. */
export interface Application {
  readonly id: string;
  readonly name: string;
  readonly keys: { readonly public_key: string; readonly private_key?: string };
  readonly privacy: { readonly improve_ai: boolean };
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly _links?: unknown;
}

/** A page of a list as the API answers it. */
export interface Page {
  readonly page_size: number;
  readonly page: number;
  readonly total_items: number;
  readonly total_pages: number;
  readonly _embedded: { readonly applications: readonly Application[] };
  readonly _links: Readonly<Record<string, { readonly href: string } | undefined>>;
}

/** The value of `Authorization` for an account. */
export function basic(credentials: Credentials): string {
  return `Basic ${Buffer.from(`${credentials.apiKey}:${credentials.apiSecret}`).toString('base64')}`;
}

/** Builds an answer from its parts. */
export function createAnswer(status: number, headers: Answer['headers'], text: string): Answer {
  return {
    status,
    headers,
    text,
    get json(): unknown {
      return JSON.parse(text);
    },
  };
}

/** Follows a dotted path into a JSON value; `undefined` where it leads nowhere. */
export function at(value: unknown, path: string): unknown {
  let here = value;
  for (const name of path.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, name)) return undefined;
    here = (here as Record<string, unknown>)[name];
  }
  return here;
}

/** Asserts the status and gives the application of the answer. */
export function application(answer: Answer, status = 200): Application {
  assert.equal(answer.status, status, answer.text);
  return answer.json as Application;
}

/** Asserts a 200 and gives the page of the answer. */
export function page(answer: Answer): Page {
  assert.equal(answer.status, 200, answer.text);
  return answer.json as Page;
}

function headersOf(sending: Sending, defaults: Record<string, string>): Record<string, string> {
  const headers: Record<string, string> = { ...defaults };
  const bytes = bytesOf(sending);
  if (bytes !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = String(bytes.length);
  }
  for (const [name, value] of Object.entries(sending.headers ?? {})) {
    if (value === undefined) delete headers[name];
    else headers[name] = value;
    if (name === 'transfer-encoding') delete headers['content-length'];
  }
  return headers;
}

function bytesOf(sending: Sending): Buffer | undefined {
  if (sending.body !== undefined) return Buffer.from(sending.body);
  return sending.json === undefined ? undefined : Buffer.from(JSON.stringify(sending.json));
}

function transmit(url: URL, agent: Agent, sending: Sending, defaults: Record<string, string>) {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request(
    {
      host: url.hostname,
      port: url.port,
      agent,
      method: sending.method ?? 'GET',
      path: sending.path ?? BASE,
      headers: headersOf(sending, defaults),
      ...(sending.from === undefined ? {} : { localAddress: sending.from }),
    },
    (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const headers: Record<string, string> = {};
        for (const [name, values] of Object.entries(incoming.headersDistinct)) {
          if (values !== undefined) headers[name] = values.join(', ');
        }
        resolve(createAnswer(incoming.statusCode ?? 0, headers, Buffer.concat(chunks).toString()));
      });
    },
  );
  outgoing.on('error', reject);
  outgoing.end(bytesOf(sending));
  return promise;
}

export type Client = ReturnType<typeof createClient>;

/** A client of the server at `url` that speaks for one account, or for nobody. */
export function createClient(url: string, credentials?: Credentials, headers: Record<string, string> = {}) {
  const agent = new Agent({ keepAlive: true });
  const defaults = {
    ...(credentials === undefined ? {} : { authorization: basic(credentials) }),
    ...headers,
  };
  const send = (sending: Sending): Promise<Answer> => transmit(new URL(url), agent, sending, defaults);
  const item = (id: string) => `${BASE}/${id}`;

  const client = {
    url,
    send,
    list: (query = '') => send({ path: BASE + query }),
    read: (id: string) => send({ path: item(id) }),
    create: (json: unknown) => send({ method: 'POST', json }),
    update: (id: string, json: unknown) => send({ method: 'PUT', path: item(id), json }),
    remove: (id: string) => send({ method: 'DELETE', path: item(id) }),
    /** Creates what must be creatable and gives the application. */
    given: async (json: unknown): Promise<Application> => application(await client.create(json), 201),
    /** Reads what must be there and gives the application. */
    found: async (id: string): Promise<Application> => application(await client.read(id)),
    /** How many applications the account has. */
    total: async (): Promise<number> => page(await client.list('?page_size=1')).total_items,
    /** Deletes every application of the account. */
    clear: async (): Promise<void> => {
      for (;;) {
        const { applications } = page(await client.list('?page_size=100'))._embedded;
        if (applications.length === 0) return;
        for (const { id } of applications) assert.equal((await client.remove(id)).status, 204);
      }
    },
  };
  return client;
}
