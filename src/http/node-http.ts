/**
 * Node's HTTP, without what an import of it loads as well.
 *
 * An `import` of `node:http` reads every name the module has, `WebSocket` among them, and so loads Node's own `fetch`: 50 ms
 * of processor time and 12 MB of every start.
 */

/** The parts of it that are used. */
export const { createServer, IncomingMessage, request, STATUS_CODES } = process.getBuiltinModule('node:http');
