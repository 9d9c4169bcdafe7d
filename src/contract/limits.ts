/**
 * The bounds and defaults that schemas and their readers share, as plain values that cost nothing to import.
 */

/** Pages of a list (W33). */
export const DEFAULT_PAGE_SIZE = 10;
export const MAX_PAGE_SIZE = 100;
export const MAX_PAGE = 2_147_483_647;

/** Characters are Unicode code points (W04, W18, W22). */
export const MAX_NAME_CHARACTERS = 255;
export const MAX_TEXT_CHARACTERS = 255;
export const MAX_ADDRESS_CHARACTERS = 2048;

/** How many gateways an application may have, and how many faults are told of at once (W21). */
export const MAX_ITEMS = 1000;
export const MAX_FAULTS = 1000;

/** How deep a body may be nested; the body itself is 1 (W21). */
export const MAX_DEPTH = 32;

/** Milliseconds (W16, W17). */
export const CONNECTION_TIMEOUT = { minimum: 300, maximum: 1000, default: 1000 } as const;
export const MIN_SOCKET_TIMEOUT = 1000;
/** What the webhooks of `voice` differ in; the longest time to wait for an answer is also the default. */
export const VOICE_WEBHOOKS = {
  answer_url: { httpMethod: 'GET', maxSocketTimeout: 5000 },
  fallback_answer_url: { httpMethod: 'GET', maxSocketTimeout: 5000 },
  event_url: { httpMethod: 'POST', maxSocketTimeout: 10_000 },
} as const;

/** Hours (W17, W22). */
export const CONVERSATION_TTL = { minimum: 0, maximum: 9000, default: 48 } as const;

/** Days (W13, W17). */
export const LEG_PERSISTENCE_TIME = { minimum: 1, maximum: 31, default: 7 } as const;
