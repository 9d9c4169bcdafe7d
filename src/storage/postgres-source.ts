/** Reads a whole PostgreSQL database in one transaction that sees everything as it was when it began. */

import type { Kysely } from 'kysely';
import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { JackfieldError } from '../errors.ts';
import { splitLines } from './lines.ts';
import { connectForTransfer, type PostgresOptions } from './postgres-connection.ts';
import { readCopyLine } from './postgres-copy-text.ts';
import { assertVersion, createPostgresKysely, explainPostgres, findApplied } from './postgres-opening.ts';
import { readShapes } from './table-shapes.ts';
import { Batch, type Column, type Row, type Source, type TableShape } from './transfer.ts';

/** @throws `storage_unusable`. */
export async function openPostgresSource(
  options: PostgresOptions,
  halfCopied: 'refuse' | 'allow',
): Promise<Source> {
  let client: Client | undefined;
  try {
    client = await connectForTransfer(options);
    await assertVersion(client);
    await client.query('begin isolation level repeatable read read only');
    await client.query('set local statement_timeout = 0');
    await client.query("set local bytea_output = 'hex'");
    await client.query('set local idle_in_transaction_session_timeout = 0');
    const schema = (await findApplied(client, halfCopied)).at(-1);
    if (schema === undefined) {
      throw new JackfieldError('storage_unusable', 'The PostgreSQL database holds nothing of Jackfield yet');
    }
    const tables = await readShapes(createPostgresKysely(client) as unknown as Kysely<never>);
    return presentSource(client, schema, tables);
  } catch (error) {
    await client?.end().catch(() => undefined);
    throw explainPostgres(error);
  }
}

function presentSource(client: Client, schema: string, tables: readonly TableShape[]): Source {
  return {
    kind: 'postgres',
    schema,
    tables,
    read: (table, after) => readRows(client, table, after),
    count: async ({ name }) => {
      const { rows } = await client.query(`select count(*) as count from ${client.escapeIdentifier(name)}`);
      return Number(rows[0]?.count);
    },
    [Symbol.asyncDispose]: () => client.end().catch(() => undefined),
  };
}

async function* readRows(client: Client, table: TableShape, after: Row | undefined): AsyncIterable<Row[]> {
  const stream = client.query(copyTo(`copy (${composeSelect(client, table, after)}) to stdout`));
  const batch = new Batch();
  try {
    for await (const line of splitLines(stream)) {
      const full = batch.add(readCopyLine(table.columns, line));
      if (full !== undefined) yield full;
    }
  } catch (error) {
    throw explainPostgres(error);
  }
  const rest = batch.take();
  if (rest !== undefined) yield rest;
}

/** COPY takes no parameters, so values are written into it, as what they are. */
function composeSelect(client: Client, { name, columns, order }: TableShape, after: Row | undefined): string {
  const quoted = (column: Column) => client.escapeIdentifier(column.name);
  const ordered = order.map((column) =>
    column.kind === 'text' ? `${quoted(column)} collate "C"` : quoted(column),
  );
  const literal = ({ kind }: Column, index: number) =>
    `${client.escapeLiteral(after?.[index] ?? '')}::${kind === 'text' ? 'text' : 'bigint'}`;
  const behind =
    after === undefined ? '' : ` where (${ordered.join(', ')}) > (${order.map(literal).join(', ')})`;
  const from = `from ${client.escapeIdentifier(name)}${behind}`;
  return `select ${columns.map(quoted).join(', ')} ${from} order by ${ordered.join(', ')}`;
}
