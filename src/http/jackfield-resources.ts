/** The resources of Jackfield's own API, `/jackfield/v1`, and the methods that each has. */

/** A resource: its path as the router writes it, and as the OpenAPI document does, which is also its name in metrics. */
export interface Resource {
  readonly url: string;
  readonly name: string;
  /** As `Allow` tells them (W52). */
  readonly allow: string;
}

const READ = 'GET, HEAD, OPTIONS';
const WRITE = 'POST, OPTIONS';

export const RESOURCES = {
  keys: resource('/jackfield/v1/applications/{id}/keys', WRITE),
  jwks: resource('/jackfield/v1/accounts/{api_key}/applications/{id}/jwks.json', READ),
  verify: resource('/jackfield/v1/tokens/verify', WRITE),
  events: resource('/jackfield/v1/applications/{id}/events', WRITE),
  deliveries: resource('/jackfield/v1/deliveries', READ),
  // Before the delivery: no delivery has such an id.
  replays: resource('/jackfield/v1/deliveries/replay', WRITE),
  stream: resource('/jackfield/v1/deliveries/stream', READ),
  delivery: resource('/jackfield/v1/deliveries/{id}', READ),
  replay: resource('/jackfield/v1/deliveries/{id}/replay', WRITE),
} as const satisfies Record<string, Resource>;

function resource(name: string, allow: string): Resource {
  return { url: name.replaceAll(/\{(\w+)\}/g, ':$1'), name, allow };
}

const PATTERNS = Object.values(RESOURCES).map(({ name, allow }) => ({
  pattern: new RegExp(`^${name.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
  allow,
}));

/** The methods of the resource that a path, as sent, belongs to; undefined when it belongs to none. */
export function findJackfieldMethods(path: string): string | undefined {
  return PATTERNS.find(({ pattern }) => pattern.test(path))?.allow;
}
