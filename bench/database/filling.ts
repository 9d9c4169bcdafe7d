/** Fills a database with very many applications or deliveries, by statements that keep every count exact. */

import { DatabaseSync } from 'node:sqlite';
import { runOn } from '../../test/postgres.ts';

/** How the two databases write what they do not have in common. */
interface Dialect {
  /** A query of the numbers from 1 to this one, as column `n`. */
  readonly numbers: (to: number) => string;
  /** An expression in hexadecimal, of so many digits. */
  readonly hex: (expression: string, digits: number) => string;
  /** A literal of bytes. */
  readonly bytes: (value: Buffer) => string;
  /** What brings a database to rest after many writes. */
  readonly rest: readonly string[];
}

const sqlite: Dialect = {
  numbers: (to) =>
    `with recursive counting(n) as (select 1 union all select n + 1 from counting where n < ${to}) select n from counting`,
  hex: (expression, digits) => `printf('%0${digits}x', ${expression})`,
  bytes: (value) => `x'${value.toString('hex')}'`,
  rest: ['pragma wal_checkpoint(truncate)'],
};

const postgres: Dialect = {
  numbers: (to) => `select n from generate_series(1, ${to}) as n`,
  hex: (expression, digits) => `lpad(to_hex(${expression}), ${digits}, '0')`,
  bytes: (value) => `'\\x${value.toString('hex')}'::bytea`,
  rest: ['vacuum analyze', 'checkpoint'],
};

/** The positions of one block of the first level, and the levels there are (`docs/decisions/010-counted-blocks.md`). */
const BLOCK_BITS = 6;
const LEVELS = [1, 2, 3];

/** The statements by which an account with one application comes to have `add` more like it. */
function composeApplications(account: string, add: number, { numbers, hex }: Dialect): string[] {
  const id = `${hex('n', 8)} || '-0000-4000-8000-' || ${hex('owner.last_position', 12)}`;
  return [
    `insert into applications (position, account, id, version, document, created_at, updated_at)
      select owner.last_position + n, account, ${id}, 1, replace(document, seed.id, ${id}), seed.created_at, seed.updated_at
      from (${numbers(add)}) as counted, applications as seed, accounts as owner
      where owner.api_key = '${account}' and account = owner.api_key
        and seed.position = (select min(position) from applications where account = '${account}')`,
    `update accounts set application_count = application_count + ${add}, last_position = last_position + ${add}
      where api_key = '${account}'`,
    `delete from application_blocks where account = '${account}'`,
    ...LEVELS.map(
      (level) => `insert into application_blocks (account, level, block, live)
        select account, ${level}, position >> ${BLOCK_BITS * level}, count(*)
        from applications where account = '${account}' group by 1, 2, 3`,
    ),
  ];
}

/** What is queued: so many deliveries of each application, due at a time in ms since the epoch. */
export interface QueuedDeliveries {
  readonly account: string;
  readonly applications: readonly string[];
  readonly webhook: string;
  /** The payload of all of them as compact JSON, and its SHA-256. */
  readonly payload: string;
  readonly payloadSha256: string;
  readonly count: number;
  readonly now: number;
}

/** The statements that queue deliveries as accepting them does, but for what tells those who follow changes. */
function composeDeliveries(queued: QueuedDeliveries, { numbers, hex, bytes }: Dialect): string[] {
  const { account, applications, webhook, payload, payloadSha256, count, now } = queued;
  const body = Buffer.from(payload);
  const head = now.toString(16).padStart(12, '0');
  const prefix = `${head.slice(0, 8)}-${head.slice(8)}-7000-8000-`;
  const name = `'${prefix}' || ${hex('n', 12)}`;
  const numbered = applications.map((id, at) => `select ${at} as at, '${id}' as id`).join(' union all ');
  const chosen = `(${numbers(count)}) as counted join (${numbered}) as chosen on chosen.at = n % ${applications.length}`;
  return [
    `insert into deliveries (account, id, application, webhook, status, position, created_at, due_at, repeated, claim,
        attempts, rounds, replay_of, payload_bytes, payload_sha256, keeps_body)
      select '${account}', ${name}, chosen.id, '${webhook}', 'queued', ${now} * 1000 + n, ${now}, ${now}, 0, null,
        0, 0, null, ${body.length}, '${payloadSha256}', 0 from ${chosen}`,
    `insert into delivery_bodies (account, delivery, payload)
      select '${account}', ${name}, ${bytes(body)} from ${chosen}`,
    `insert into delivery_lanes (account, application, webhook, repeated, due_at)
      select '${account}', id, '${webhook}', 0, ${now} from (${numbered}) as chosen where true
      on conflict (account, application, webhook, repeated) do update set due_at = excluded.due_at
      where delivery_lanes.due_at > excluded.due_at`,
  ];
}

/** Rows beyond which a database is brought to rest after they were filled in; fewer are no burden. */
const BURDEN = 50_000;

/** Runs the statements that fill in so many rows in one transaction. */
async function execute(url: string, rows: number, compose: (dialect: Dialect) => string[]): Promise<void> {
  if (url.startsWith('sqlite:')) {
    using database = new DatabaseSync(url.replace(/^sqlite:/, ''), { timeout: 60_000 });
    database.exec(['begin immediate', ...compose(sqlite), 'commit'].join(';\n'));
    for (const statement of rows < BURDEN ? [] : sqlite.rest) database.exec(statement);
    return;
  }
  await runOn(url, ['begin', ...compose(postgres), 'commit'].join(';\n'));
  for (const statement of rows < BURDEN ? [] : postgres.rest) await runOn(url, statement);
}

/** Gives an account that has applications so many more, which are like its first one. */
export function fillApplications(url: string, account: string, add: number): Promise<void> {
  return execute(url, add, (dialect) => composeApplications(account, add, dialect));
}

/** Queues deliveries. */
export function fillDeliveries(url: string, queued: QueuedDeliveries): Promise<void> {
  return execute(url, queued.count, (dialect) => composeDeliveries(queued, dialect));
}
