/** Writes the documents that are made from code. */

import { writeFileSync } from 'node:fs';
import { DOCUMENTS } from './documents.ts';

for (const { path, compose } of DOCUMENTS) {
  writeFileSync(new URL(`../${path}`, import.meta.url), await compose());
  process.stdout.write(`${path}\n`);
}
