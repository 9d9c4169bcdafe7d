/** The number that what is kept of the registry lives by, for databases whose readers share a file with their writers. */

import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // Rises with each commit of anything but deliveries, on SQLite; elsewhere nobody keeps anything by it.
  await sql`insert into revisions (name, value) values ('registry', 1)`.execute(db);
}
