/** What the server under test answers, fetched so that the bare route can answer the same bytes. */

import type { JackfieldServer } from '../jackfield-server.ts';

const FETCHES_AT_ONCE = 16;

/** The body the server answers to a GET; throws on anything but 200. */
export async function fetchBody(server: JackfieldServer, path: string): Promise<string> {
  const response = await fetch(server.url + path, {
    headers: { authorization: server.home.authorization, accept: 'application/json' },
  });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`GET ${path} was answered ${response.status}: ${body}`);
  return body;
}

interface Page {
  readonly total_pages: number;
  readonly _embedded: { readonly applications: readonly { readonly id: string }[] };
}

/** The ids of the applications in the database, oldest first, no more than asked for. */
export async function fetchIds(server: JackfieldServer, atMost: number): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 1; ids.length < atMost; number++) {
    const page = JSON.parse(await fetchBody(server, `/v2/applications?page_size=100&page=${number}`)) as Page;
    ids.push(...page._embedded.applications.map((application) => application.id));
    if (number >= page.total_pages) break;
  }
  return ids.slice(0, atMost);
}

/** The body for each id. */
export async function fetchBodies(
  server: JackfieldServer,
  ids: readonly string[],
): Promise<Record<string, string>> {
  const bodies: Record<string, string> = {};
  for (let at = 0; at < ids.length; at += FETCHES_AT_ONCE) {
    const some = ids.slice(at, at + FETCHES_AT_ONCE);
    await Promise.all(
      some.map(async (id) => {
        bodies[id] = await fetchBody(server, `/v2/applications/${id}`);
      }),
    );
  }
  return bodies;
}
