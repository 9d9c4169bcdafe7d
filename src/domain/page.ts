/** Which page of a list a query asks for. */

import { DEFAULT_PAGE_SIZE, MAX_PAGE } from '../contract/limits.ts';
import { type Fault, JackfieldError } from '../errors.ts';

/** A page counted from 1, and how many items each page holds. */
export interface PageRequest {
  page: number;
  pageSize: number;
}

/**
 * Reads `page_size` and `page` of a query; throws `list_invalid` with all faults (W33). Other parameters are
 * ignored.
 */
export function parsePageQuery(query: Record<string, unknown>, maxPageSize: number): PageRequest {
  const faults: Fault[] = [];
  const read = (name: string, preset: number, maximum: number): number => {
    const value = Object.hasOwn(query, name) ? query[name] : undefined;
    if (value === undefined) return preset;
    if (Array.isArray(value)) faults.push({ name, reason: 'must be given once' });
    else if (isWithin(value, maximum)) return Number(value);
    else faults.push({ name, reason: `must be between 1 and ${maximum}` });
    return preset;
  };
  const request = {
    pageSize: read('page_size', DEFAULT_PAGE_SIZE, maxPageSize),
    page: read('page', 1, MAX_PAGE),
  };
  if (faults.length > 0) {
    throw new JackfieldError('list_invalid', 'The request failed due to validation errors', { faults });
  }
  return request;
}

/** ASCII digits, with leading zeros or without, that mean 1 to `maximum`. */
function isWithin(value: unknown, maximum: number): boolean {
  if (typeof value !== 'string' || !/^[0-9]+$/.test(value)) return false;
  const number = Number(value);
  return number >= 1 && number <= maximum;
}
