/** The table of all settings: names, meanings, defaults, and how each is read. */

import {
  oneOf,
  onOff,
  parseDatabaseUrl,
  parseMasterKey,
  parseProxies,
  requirePostgresUrl,
  whole,
  word,
} from './setting-values.ts';

/** The two ways to run: `dev` is open and forgetful of limits, `serve` is neither. */
export type Mode = 'dev' | 'serve';

/** A setting: how it is written, what it means, and what it is when nobody says. */
export interface Setting {
  readonly name: string;
  readonly group: string;
  readonly about: string;
  /** The default in words; for both modes, or for each. */
  readonly fallback: string | { readonly dev: string; readonly serve: string };
  /** What a value looks like, in a word for the help; `on|off` may be left out after a flag. */
  readonly value: string;
  /** The name of its flag where it is not that of the variable. */
  readonly flag?: string;
  /** The mode that alone knows it. */
  readonly only?: Mode;
  /** A secret is never printed, has no flag, and may also come from the file that `NAME_FILE` or `--name-file` names. */
  readonly secret?: true;
  /** A value that may hold a password: it is never printed, and may also come from the file that `NAME_FILE` names. */
  readonly sensitive?: true;
  readonly parse: (text: string) => unknown;
}

const port = whole(0, 65535);

/** All settings; `.env.example` and `docs/configuration.md` are generated from this table. */
export const SETTINGS = {
  host: {
    name: 'JACKFIELD_HOST',
    group: 'Listening',
    value: 'address',
    about:
      'Address to listen on. `jackfield dev` takes anything but loopback only with JACKFIELD_ALLOW_REMOTE=on.',
    fallback: '127.0.0.1',
    parse: word,
  },
  port: {
    name: 'JACKFIELD_PORT',
    group: 'Listening',
    value: 'port',
    about: 'Port to listen on; 0 takes any free one.',
    fallback: '4020',
    parse: port,
  },
  allowRemote: {
    name: 'JACKFIELD_ALLOW_REMOTE',
    group: 'Listening',
    value: 'on|off',
    only: 'dev',
    about:
      'Lets `jackfield dev`, whose credentials are public knowledge, listen on other addresses than loopback.',
    fallback: 'off',
    parse: onOff,
  },
  metricsPort: {
    name: 'JACKFIELD_METRICS_PORT',
    group: 'Listening',
    value: 'port',
    about:
      'Port of a listener of its own for `/metrics`; 0 takes any free one. Without it `jackfield serve` has no metrics; `jackfield dev` also shows them on its own port.',
    fallback: '',
    parse: port,
  },
  metricsHost: {
    name: 'JACKFIELD_METRICS_HOST',
    group: 'Listening',
    value: 'address',
    about: 'Address of the listener for `/metrics`.',
    fallback: '127.0.0.1',
    parse: word,
  },
  trustProxy: {
    name: 'JACKFIELD_TRUST_PROXY',
    group: 'Listening',
    value: 'list',
    about:
      'Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed, with commas between them. Without it the address of the connection counts.',
    fallback: '',
    parse: parseProxies,
  },
  databaseUrl: {
    name: 'JACKFIELD_DATABASE_URL',
    group: 'Storage',
    value: 'url',
    flag: 'database',
    about: 'The database: `sqlite:` and the path of a file, or `postgres://USER:PASSWORD@HOST:PORT/NAME`.',
    fallback: { dev: 'sqlite:.jackfield/jackfield.db', serve: 'sqlite:./jackfield.db' },
    sensitive: true,
    parse: parseDatabaseUrl,
  },
  databasePoolSize: {
    name: 'JACKFIELD_DATABASE_POOL_SIZE',
    group: 'Storage',
    value: 'n',
    about: 'PostgreSQL: connections that read, at most. One more writes and one more listens.',
    fallback: '10',
    parse: whole(1, 1000),
  },
  databasePooler: {
    name: 'JACKFIELD_DATABASE_POOLER',
    group: 'Storage',
    value: 'on|off',
    about:
      'PostgreSQL: `on` when a pooler that hands connections on after each transaction stands in between, such as PgBouncer in transaction mode. Statements are then not prepared by name, and the limit on their time is set in each transaction that writes; give the role one of its own.',
    fallback: 'off',
    parse: onOff,
  },
  databaseDirectUrl: {
    name: 'JACKFIELD_DATABASE_DIRECT_URL',
    group: 'Storage',
    value: 'url',
    about:
      'PostgreSQL: an address past the pooler, where notifications arrive. Without it changes of credentials by other processes are only asked for, twice a second.',
    fallback: '',
    sensitive: true,
    parse: requirePostgresUrl,
  },
  statementTimeoutMs: {
    name: 'JACKFIELD_STATEMENT_TIMEOUT_MS',
    group: 'Storage',
    value: 'ms',
    about: 'PostgreSQL: how long a statement may take, in ms.',
    fallback: '5000',
    parse: whole(100, 600_000),
  },
  ephemeral: {
    name: 'JACKFIELD_EPHEMERAL',
    group: 'Storage',
    value: 'on|off',
    only: 'dev',
    about: 'Lets `jackfield dev` keep everything in a temporary folder that is removed at its end.',
    fallback: 'off',
    parse: onOff,
  },
  cacheMb: {
    name: 'JACKFIELD_CACHE_MB',
    group: 'Storage',
    value: 'mb',
    about: 'Memory for answers that have not changed since they were last given, in MB; 0 keeps none.',
    fallback: '32',
    parse: whole(0, 4096),
  },
  masterKey: {
    name: 'JACKFIELD_MASTER_KEY',
    group: 'Secrets',
    value: 'key',
    about:
      'Key under which signature secrets are encrypted at rest: 32 bytes as 64 hexadecimal digits or as base64. `jackfield dev` makes one in `.jackfield/`; `jackfield serve` needs it.',
    fallback: '',
    secret: true,
    parse: parseMasterKey,
  },
  rateLimit: {
    name: 'JACKFIELD_RATE_LIMIT',
    group: 'Limits',
    value: 'n',
    about: 'Requests a second for each API key, with a burst of the same size; 0 is no limit.',
    fallback: { dev: '0', serve: '170' },
    parse: whole(0, 1_000_000_000),
  },
  authLimit: {
    name: 'JACKFIELD_AUTH_LIMIT',
    group: 'Limits',
    value: 'n',
    about:
      'Failed credentials a minute for each API key and client address, and ten times as many for an address over all keys; 0 is no limit.',
    fallback: { dev: '0', serve: '20' },
    parse: whole(0, 1_000_000),
  },
  maxConnections: {
    name: 'JACKFIELD_MAX_CONNECTIONS',
    group: 'Limits',
    value: 'n',
    about: 'Connections at a time; more are refused.',
    fallback: '10000',
    parse: whole(1, 1_000_000),
  },
  headersTimeoutMs: {
    name: 'JACKFIELD_HEADERS_TIMEOUT_MS',
    group: 'Limits',
    value: 'ms',
    about: 'Time for the headers of a request to arrive, in ms.',
    fallback: '15000',
    parse: whole(100, 3_600_000),
  },
  requestTimeoutMs: {
    name: 'JACKFIELD_REQUEST_TIMEOUT_MS',
    group: 'Limits',
    value: 'ms',
    about: 'Time for a whole request to arrive, in ms; at least that of the headers.',
    fallback: '30000',
    parse: whole(100, 3_600_000),
  },
  keepAliveTimeoutMs: {
    name: 'JACKFIELD_KEEP_ALIVE_TIMEOUT_MS',
    group: 'Limits',
    value: 'ms',
    about:
      'How long an idle connection is kept, in ms. The pools of clients keep theirs for less than two minutes.',
    fallback: '120000',
    parse: whole(1000, 3_600_000),
  },
  shutdownGraceMs: {
    name: 'JACKFIELD_SHUTDOWN_GRACE_MS',
    group: 'Limits',
    value: 'ms',
    about: 'How long requests under way may take after SIGTERM before they are cut, in ms.',
    fallback: '4000',
    parse: whole(0, 600_000),
  },
  keyBits: {
    name: 'JACKFIELD_KEY_BITS',
    group: 'Keys',
    value: '2048|3072|4096',
    about: 'Size of generated RSA keys, in bits.',
    fallback: '2048',
    parse: (text: string) => Number(oneOf('2048', '3072', '4096')(text)),
  },
  keyPoolSize: {
    name: 'JACKFIELD_KEY_POOL_SIZE',
    group: 'Keys',
    value: 'n',
    about: 'Key pairs made ahead of need and kept in memory.',
    fallback: '16',
    parse: whole(0, 10_000),
  },
  keyWaiters: {
    name: 'JACKFIELD_KEY_WAITERS',
    group: 'Keys',
    value: 'n',
    about:
      'Creates that may wait for a key pair when the pool is empty; beyond it they are told to come back (503).',
    fallback: '64',
    parse: whole(0, 100_000),
  },
  keyGraceHours: {
    name: 'JACKFIELD_KEY_GRACE_HOURS',
    group: 'Keys',
    value: 'hours',
    about:
      'How long the key of an application stays valid after a rotation (`POST /jackfield/v1/applications/{id}/keys`); 0 ends it at once.',
    fallback: '24',
    parse: whole(0, 8760),
  },
  clientQuirks: {
    name: 'JACKFIELD_CLIENT_QUIRKS',
    group: 'Clients',
    value: 'on|off',
    about:
      'Takes from some official clients what the contract would refuse; `off` holds everybody to the contract.',
    fallback: 'on',
    parse: onOff,
  },
  logLevel: {
    name: 'JACKFIELD_LOG_LEVEL',
    group: 'Log',
    value: 'level',
    about: 'The least level that is logged: trace, debug, info, warn, error or silent.',
    fallback: 'info',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
  },
  logFormat: {
    name: 'JACKFIELD_LOG_FORMAT',
    group: 'Log',
    value: 'json|pretty|auto',
    about: '`json`, `pretty`, or `auto`: pretty on a terminal, JSON elsewhere.',
    fallback: 'auto',
    parse: oneOf('auto', 'json', 'pretty'),
  },
} as const satisfies Record<string, Setting>;
