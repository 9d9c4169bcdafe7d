import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createConnection } from 'node:net';
import { describe, it } from 'node:test';
import { watchConnections } from './connections.ts';

describe('the connections of a server', () => {
  it('are all closed when they are to be, also one that Node has let go of', async () => {
    const server = createServer();
    const connections = watchConnections(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [unused, taken] = [createConnection(port), createConnection({ port, allowHalfOpen: true })];
    const closed = [once(unused, 'close'), once(taken, 'close')];
    taken.write('CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n');
    await Promise.all([once(server, 'connect'), once(unused, 'connect')]);
    const ended = once(server, 'close');
    server.close();
    connections.closeUnused();
    assert.equal((await closed[0])?.length, 1);
    server.closeAllConnections();
    assert.equal(taken.destroyed, false);
    taken.on('end', () => taken.end());
    connections.closeAll();
    await Promise.all([...closed, ended]);
  });
});
