/** `.env.example`: every setting with its meaning, commented out with its default. */

import { defaultOf, settingEntries } from '../src/config.ts';
import type { Setting } from '../src/settings.ts';

const WIDTH = 100;

const HEAD = `# Settings of Jackfield. Copy what you want to change to a file of your own and hand it to the process, such as
# by \`node --env-file\` or the \`env_file\` of a compose file. What is left out has the default shown.
# An empty value counts as left out. Made by \`npm run generate\`.
`;

/** Composes the file; it ends with a line break. */
export function composeEnvExample(): string {
  const groups = Map.groupBy(
    settingEntries().map(([, setting]) => setting),
    ({ group }) => group,
  );
  const sections = Array.from(groups, ([group, settings]) => {
    const entries = settings.map(composeEntry).join('\n');
    return `\n# ---- ${group} ----\n\n${entries}`;
  });
  return `${HEAD}${sections.join('')}`;
}

function composeEntry(setting: Setting): string {
  const [dev, serve] = [defaultOf(setting, 'dev'), defaultOf(setting, 'serve')];
  const notes = [setting.about];
  if (setting.only !== undefined) notes.push(`Only for \`jackfield ${setting.only}\`.`);
  if (dev !== serve && setting.only === undefined) notes.push(`In \`jackfield dev\` the default is ${dev}.`);
  const lines = wrap(notes.join(' '), WIDTH - 2).map((line) => `# ${line}`);
  lines.push(`# ${setting.name}=${setting.only === 'dev' ? dev : serve}`);
  if (setting.secret || setting.sensitive) lines.push(`# ${setting.name}_FILE=`);
  return `${lines.join('\n')}\n`;
}

/** Breaks a text between words. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
