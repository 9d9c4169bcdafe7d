/** A database as the first release made it. */

import { DatabaseSync } from 'node:sqlite';

/** The tables as the first migration made them, in the words of SQLite. */
const FIRST = `
  create table migrations (name varchar(255) not null primary key, timestamp varchar(255) not null);
  create table migrations_lock (id varchar(255) not null primary key, is_locked integer default 0 not null);
  insert into migrations_lock (id) values ('migration_lock');
  insert into migrations values ('001-registry', '2026-01-01T00:00:00.000Z');
  create table accounts (api_key text not null primary key, name text not null, enabled integer not null,
    secret_salt blob not null, application_count bigint not null, created_at bigint not null);
  create table secrets (account text not null references accounts (api_key) on delete cascade, id text not null,
    kind text not null, content blob not null, created_at bigint not null,
    constraint secrets_key primary key (account, id));
  create table applications (position integer primary key,
    account text not null references accounts (api_key) on delete cascade, id text not null,
    version integer not null, document text not null, created_at bigint not null, updated_at bigint not null,
    constraint applications_id unique (account, id));
  create index applications_order on applications (account, position);
  create table settings (name text not null primary key, value blob not null);
  create table revisions (name text not null primary key, value bigint not null);
  insert into revisions values ('credentials', 1);
`;

export const FIRST_ACCOUNTS = ['aaaa1111', 'bbbb2222', 'cccc3333'] as const;
export const FIRST_PER_ACCOUNT = 150;

/** Makes a file of it: applications of two accounts in turn; the third has none. Answers the ids of each account in their order. */
export function fillFirstRelease(file: string): string[] {
  const connection = new DatabaseSync(file);
  connection.exec(FIRST);
  const account = connection.prepare('insert into accounts values (?, ?, 1, ?, ?, 1)');
  for (const [index, key] of FIRST_ACCOUNTS.entries())
    account.run(key, key, Buffer.of(1), index < 2 ? FIRST_PER_ACCOUNT : 0);
  const application = connection.prepare(
    'insert into applications (account, id, version, document, created_at, updated_at) values (?, ?, 3, ?, 1, 2)',
  );
  for (let number = 0; number < FIRST_PER_ACCOUNT * 2; number += 1) {
    const id = `id-${Math.floor(number / 2)}`;
    application.run(FIRST_ACCOUNTS[number % 2] ?? '', id, JSON.stringify(id));
  }
  connection.close();
  return Array.from({ length: FIRST_PER_ACCOUNT }, (_, number) => `id-${number}`);
}
