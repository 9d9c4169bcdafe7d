/** Holds the documents that are made from code to the code. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { DOCUMENTS } from '../scripts/documents.ts';
import { createProgram } from '../src/cli/cli.ts';
import { SETTINGS } from '../src/settings.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

describe('a document made from code', () => {
  for (const { path, compose } of DOCUMENTS) {
    it(`${path} is what \`npm run generate\` makes`, async () => {
      assert.equal(read(path), await compose());
    });
  }

  it('names every setting', () => {
    for (const { name } of Object.values(SETTINGS)) {
      assert.ok(read('.env.example').includes(`\n# ${name}=`), name);
      assert.ok(read('docs/configuration.md').includes(`\`${name}\``), name);
    }
  });

  it('names every command', async () => {
    const program = await createProgram(() => true);
    const text = read('docs/cli.md');
    for (const command of program.commands) {
      for (const { name } of command.commands.map((one) => ({ name: one.name() }))) {
        assert.ok(text.includes(`### jackfield ${command.name()} ${name}\n`), name);
      }
      if (command.commands.length === 0) assert.ok(text.includes(`### jackfield ${command.name()}\n`));
    }
  });
});
