/** From what is stored to what is answered: links, the private key once, the frame of a page (W30 to W34). */

import type { StoredPage } from '../registry/applications.ts';

const COLLECTION = '/v2/applications';

/** Where an application is, relative to the server; an id that was imported may be any text. */
export function linkOf(id: string): string {
  return `${COLLECTION}/${encodeURIComponent(id)}`;
}

/** A single application: the stored document and its own link. */
export function presentApplication(document: string, id: string): string {
  return `${document.slice(0, -1)},"_links":{"self":{"href":"${linkOf(id)}"}}}`;
}

/**
 * A new application, with its private key when the server made the pair.
 *
 * The first `"keys":{` of a document is the member itself: before it stand only id and name, in which quotes are escaped.
 */
export function presentCreated(document: string, id: string, privateKey: string | undefined): string {
  const answer = presentApplication(document, id);
  if (privateKey === undefined) return answer;
  const at = answer.indexOf('"keys":{') + '"keys":{'.length;
  return `${answer.slice(0, at)}"private_key":${JSON.stringify(privateKey)},${answer.slice(at)}`;
}

/** Which page was asked for. */
export interface AskedPage {
  readonly page: number;
  readonly pageSize: number;
  /** Past the last page `total_pages` is the page asked for (W63). */
  readonly endless: boolean;
}

/** A page of a list, in pieces of UTF-8: what comes before the documents, they themselves, what comes behind. */
export function presentPage({ page, pageSize, endless }: AskedPage, stored: StoredPage): Uint8Array[] {
  const last = Math.max(1, Math.ceil(stored.total / pageSize));
  const totalPages = endless ? Math.max(last, page) : last;
  const before =
    `{"page_size":${pageSize},"page":${page},"total_items":${stored.total},"total_pages":${totalPages},` +
    `"_embedded":{"applications":[`;
  const behind = `]},"_links":${presentPageLinks(page, pageSize, last)}}`;
  return [Buffer.from(before), stored.documents, Buffer.from(behind)];
}

function presentPageLinks(page: number, pageSize: number, last: number): string {
  const first = `${COLLECTION}?page_size=${pageSize}`;
  const to = (number: number) => ({ href: `${first}&page=${number}` });
  return JSON.stringify({
    self: to(page),
    first: { href: first },
    last: to(last),
    ...(page > 1 && page <= last ? { prev: to(page - 1) } : {}),
    ...(page < last ? { next: to(page + 1) } : {}),
  });
}
