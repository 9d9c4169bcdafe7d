/** Places where no call may go: hosts in every spelling, with what a resolver would say of the names among them. */

/** A host, and the answers of its name; those of an address are undefined. */
export interface Vector {
  readonly host: string;
  readonly answers?: readonly string[];
}

const literal = (...hosts: string[]): Vector[] => hosts.map((host) => ({ host }));

const named = (...vectors: readonly (readonly [string, ...string[]])[]): Vector[] =>
  vectors.map(([host, ...answers]) => ({ host, answers }));

/** Hosts that lead to this machine: where a guard fails, the listener on loopback is reached. */
const HERE: readonly Vector[] = [
  // IPv4 in decimal, octal and hexadecimal, with one to four numbers, and in other scripts.
  ...literal('127.0.0.1', '127.0.0.1.', '127.1', '127.0.1', '127.1.', '127.255.255.254', '127.0.0.2'),
  ...literal('2130706433', '0x7f000001', '0X7F000001', '017700000001', '0x7f.1', '0x7f.0.0.1', '0177.0.0.1'),
  ...literal(
    '0177.1',
    '0x7f.0x0.0x0.0x1',
    '0177.0x0.0.01',
    '127.0x1',
    '127.01',
    '00000177.0.0.1',
    '0x7f.0.1',
  ),
  ...literal('0x0000000000007f.0.0.1', '127.65535', '0x7fffffff', '127.0xffff'),
  ...literal('%31%32%37.0.0.1', '127%2e0%2e0%2e1', '%30x7f.1', '127.0.0.%31'),
  ...literal(
    '①②⑦.⓪.⓪.①',
    '１２７.０.０.１',
    '127。0。0。1',
    '127．0．0．1',
    '127｡0｡0｡1',
    '0x⑦f.1',
    '１２７.1',
  ),
  // The unspecified address, which systems connect to themselves.
  ...literal('0.0.0.0', '0', '0x0', '00', '0.0', '0.0.0', '0.0.0.0.', '0x0.0x0', '000000000000', '%30'),
  // Names that are this machine whatever a resolver says.
  ...literal(
    'localhost',
    'localhost.',
    'LOCALHOST',
    'LocalHost.',
    'a.localhost',
    'a.b.localhost.',
    '%6cocalhost',
  ),
  ...literal('ｌocalhost', 'localhoſt', 'loc%61lhost.', 'localhost..', 'example.com.localhost'),
  // IPv6, and IPv4 inside it.
  ...literal('[::1]', '[0:0:0:0:0:0:0:1]', '[0000:0000::0001]', '[::0.0.0.1]', '[0::1]', '[::]', '[0:0::0]'),
  ...literal('[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::FFFF:127.0.0.1]', '[0:0:0:0:0:ffff:7f00:1]'),
  ...literal('[::ffff:0.0.0.0]', '[::ffff:0:0]', '[::127.0.0.1]', '[::7f00:1]', '[::ffff:0:127.0.0.1]'),
  // Names that resolve to it, alone or among public addresses.
  ...named(
    ['a.example', '127.0.0.1'],
    ['a.example.', '127.0.0.1'],
    ['b.example', '::1'],
    ['c.example', '0.0.0.0'],
  ),
  ...named(['d.example', '::'], ['e.example', '::ffff:127.0.0.1'], ['f.example', '127.0.0.53']),
  ...named(['g.example', '127.0.0.1', '93.184.216.34'], ['h.example', '93.184.216.34', '127.0.0.1']),
  ...named(
    ['i.example', '93.184.216.34', '2606:4700::1111', '::1'],
    ['j.example', '::ffff:7f00:1', '1.1.1.1'],
  ),
  ...named(['127.0.0.1.nip.example', '127.0.0.1'], ['xn--bcher-kva.example', '127.0.0.1']),
  ...named(['bücher.example', '127.0.0.1'], ['k.example', '::1%lo'], ['metadata', '127.0.0.1']),
];

/** Hosts that lead elsewhere; nobody answers for them here, so no socket may be opened. */
const ELSEWHERE: readonly Vector[] = [
  // Private and shared networks, from their first to their last address.
  ...literal('10.0.0.0', '10.255.255.255', '012.0.0.1', '0xa.0.0.1', '167772161', '10.1', '172.16.0.0'),
  ...literal('172.31.255.255', '0xac.0x10.1', '0254.020.0.1', '192.168.0.0', '192.168.255.255', '0xc0a80001'),
  ...literal('3232235521', '0300.0250.1', '192.168.257', '100.64.0.0', '100.127.255.255'),
  // Link-local, and where clouds keep credentials.
  ...literal(
    '169.254.169.254',
    '169.254.0.1',
    '169.254.255.255',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
  ),
  ...literal(
    '169.254.43518',
    '0xa9.0xfe.0xa9.0xfe',
    '169.16689662',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
  ),
  ...literal('[fd00:ec2::254]', '[fd20:ce::254]', '168.63.129.16', '100.100.100.200', '１６９.254.169.254'),
  // Multicast, reserved, broadcast, documentation, benchmarks, protocols.
  ...literal('224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '0xffffffff', '4294967295'),
  ...literal(
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '198.18.0.1',
    '198.19.255.255',
    '192.0.0.1',
    '192.88.99.1',
  ),
  ...literal('0.1.2.3', '192.31.196.1', '192.52.193.1', '192.175.48.1'),
  // IPv6 that is not public.
  ...literal('[fc00::1]', '[fdff:ffff::1]', '[fe80::1]', '[febf::1]', '[fec0::1]', '[ff02::1]', '[ff0e::1]'),
  ...literal(
    '[2001:db8::1]',
    '[3fff::1]',
    '[100::1]',
    '[5f00::1]',
    '[4000::1]',
    '[2001:2::1]',
    '[2001:10::1]',
  ),
  ...literal('[2001:1::1]', '[2620:4f:8000::1]', '[::2]', '[1::]'),
  // NAT64, 6to4, Teredo and others that carry IPv4.
  ...literal('[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b::10.0.0.1]', '[64:ff9b::a9fe:a9fe]'),
  ...literal(
    '[64:ff9b::192.168.1.1]',
    '[64:ff9b::0.0.0.0]',
    '[64:ff9b:1::8.8.8.8]',
    '[64:ff9b:1:7f00:0:100::]',
  ),
  ...literal(
    '[2002:7f00:1::]',
    '[2002:a00:1::1]',
    '[2002:a9fe:a9fe::]',
    '[2002:808:808::1]',
    '[2002:c0a8:101::]',
  ),
  ...literal('[2001:0:7f00:1::]', '[2001::80ff:fffe]', '[2001:0:808:808:0:0:f5ff:fffe]', '[::8.8.8.8]'),
  ...literal('[::ffff:10.0.0.1]', '[::ffff:c0a8:101]', '[::ffff:0:8.8.8.8]', '[::ffff:224.0.0.1]'),
  // Names that resolve there.
  ...named(['l.example', '10.0.0.1'], ['m.example', '169.254.169.254'], ['n.example', 'fe80::1%eth0']),
  ...named(['o.example', 'fd00::1'], ['p.example', '64:ff9b::7f00:1'], ['q.example', '2002:7f00:1::']),
  ...named(['r.example', '1.1.1.1', '192.168.0.1'], ['s.example', '2606:4700::1', 'fc00::1', '1.1.1.1']),
  ...named(['t.example', '1.1.1.1', '1.0.0.1', '8.8.8.8', '169.254.169.254'], ['u.example', 'ff02::1']),
  ...named(['v.example', 'nonsense'], ['w.example', '1.1.1.1', ''], ['x.example', '0x7f.1']),
  ...named(['metadata.google.internal', '169.254.169.254'], ['kubernetes.default.svc', '10.96.0.1']),
];

/** URLs that are refused for what they are, wherever they lead; `PORT` is that of the listener. */
export const REFUSED_URLS: readonly string[] = [
  'http://user@127.0.0.1:PORT/',
  'http://user:password@127.0.0.1:PORT/',
  'http://:password@127.0.0.1:PORT/',
  'http://1.1.1.1@127.0.0.1:PORT/',
  'http://1.1.1.1:80@127.0.0.1:PORT/',
  'http://1.1.1.1:80%40@127.0.0.1:PORT/',
  'http://1.1.1.1%2f@127.0.0.1:PORT/',
  'http://1.1.1.1\\@127.0.0.1:PORT/',
  'http://user@1.1.1.1/',
  'http://127.0.0.1:0/',
  'http://1.1.1.1:0/',
  'http://127.0.0.1:65536/',
  'http://127.0.0.1:-1/',
  'http://127.0.0.1:PORT:80/',
  'http://[::1%25lo]:PORT/',
  'http://[::1%lo]:PORT/',
  'http://[fe80::1%25eth0]:PORT/',
  'http://[127.0.0.1]:PORT/',
  'http://[::ffff:127.1]:PORT/',
  'http://127.0.0.256:PORT/',
  'http://127.0.0.1.1:PORT/',
  'http://4294967296:PORT/',
  'http://0x100000000:PORT/',
  'http://127.0.0.0x100:PORT/',
  'http://127.0.0.08:PORT/',
  'http://local host:PORT/',
  'http:///',
  'http://',
  '//127.0.0.1:PORT/',
  '127.0.0.1:PORT',
  '',
  'ftp://127.0.0.1:PORT/',
  'ws://127.0.0.1:PORT/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:PORT/_x',
  'data:text/plain,x',
  'unix:/var/run/docker.sock',
  'javascript:0',
];

/** All hosts, once for each scheme. */
export const VECTORS: readonly Vector[] = [...HERE, ...ELSEWHERE];
