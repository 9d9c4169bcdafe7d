/** `docs/configuration.md`: the table of settings for people. */

import { flagOf } from '../src/cli/setting-flags.ts';
import { defaultOf, settingEntries } from '../src/config.ts';
import type { Setting } from '../src/settings.ts';
import { code, composeTable } from './markdown.ts';

const HEAD = `# Configuration

Made by \`npm run generate\` from the table that the program itself reads.

- Every setting is an environment variable and a flag of \`jackfield dev\` and \`jackfield serve\`; the flag wins. An empty variable counts as
  one that is not set.
- A setting marked *secret* has no flag for its value, which everybody on the machine could see. It may stand in a file: the variable
  \`…_FILE\` or the flag names it, and white space around the content does not count. Variable and file at once are refused.
- Nothing else is read: no configuration file, and no \`.env\` unless you hand it over (\`node --env-file\`). [\`.env.example\`](../.env.example)
  lists all variables.
- A value that cannot be used ends the start with exit code 3. The message names each such setting, what is wrong with it and what to do.
- Commands for accounts and secrets read the database and the master key from the same variables, or from their own flags
  ([cli.md](cli.md)).
`;

const TAIL = `
## The new master key

\`jackfield master-key rotate\` reads the key that takes the place of \`JACKFIELD_MASTER_KEY\` from \`JACKFIELD_NEW_MASTER_KEY\`,
\`JACKFIELD_NEW_MASTER_KEY_FILE\` or \`--new-key-file\`; without any of them it makes one.
`;

/** Composes the document; it ends with a line break. */
export function composeConfigurationDocument(): string {
  const groups = Map.groupBy(
    settingEntries().map(([, setting]) => setting),
    ({ group }) => group,
  );
  const sections = Array.from(groups, ([group, settings]) => {
    const rows = settings.map((setting) => [
      composeNames(setting),
      composeDefault(setting),
      composeMeaning(setting),
    ]);
    return `\n## ${group}\n\n${composeTable(['variable, flag', 'default', 'meaning'], rows)}\n`;
  });
  return `${HEAD}${sections.join('')}${TAIL}`;
}

function composeNames(setting: Setting): string {
  const isSecret = setting.secret || setting.sensitive;
  const variables = isSecret ? [setting.name, `${setting.name}_FILE`] : [setting.name];
  return [...variables, flagOf(setting)].map(code).join('<br>');
}

function composeDefault(setting: Setting): string {
  const [dev, serve] = [defaultOf(setting, 'dev'), defaultOf(setting, 'serve')];
  if (dev === serve || setting.only !== undefined) return code(dev) || 'none';
  return `${code(serve)}<br>in \`dev\`: ${code(dev)}`;
}

function composeMeaning(setting: Setting): string {
  const notes = [setting.about, `Value: ${code(setting.value)}.`];
  if (setting.only !== undefined) notes.push(`Only for \`jackfield ${setting.only}\`.`);
  if (setting.secret) notes.push('*Secret.*');
  return notes.join(' ');
}
