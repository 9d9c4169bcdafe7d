/** The flags of the settings, made of their table: each overrides its environment variable. */

import { type Command, Option } from 'commander';
import {
  defaultOf,
  type FlatConfig,
  type GivenSetting,
  type Mode,
  readEnv,
  readSecretFile,
  type SettingKey,
  settingEntries,
} from '../config.ts';
import type { Setting } from '../settings.ts';

/** The long flag of a setting, such as `--rate-limit`; that of a secret names a file. */
export function flagOf(setting: Setting): string {
  const name = setting.flag ?? setting.name.replace('JACKFIELD_', '').toLowerCase().replaceAll('_', '-');
  return setting.secret ? `--${name}-file` : `--${name}`;
}

/** Gives a command the flags of all settings its mode knows. */
export function addSettingFlags(command: Command, mode: Mode): void {
  for (const [, setting] of entriesOf(mode)) {
    const fallback = defaultOf(setting, mode);
    const isSecret = setting.secret || setting.sensitive;
    const names = isSecret ? `${setting.name}, ${setting.name}_FILE` : setting.name;
    const about = `${setting.about} [${names}]${fallback === '' ? '' : ` (default: ${fallback})`}`;
    command.addOption(
      new Option(`${flagOf(setting)} ${placeholderOf(setting)}`, about).helpGroup(`${setting.group}:`),
    );
  }
}

/** Reads the settings from the environment and the flags of a command. */
export function readSettings(command: Command, mode: Mode): FlatConfig {
  const settings: { [key in SettingKey]?: GivenSetting | undefined } = { ...readEnv() };
  for (const [key, setting] of entriesOf(mode)) {
    const flag = flagOf(setting);
    const value: unknown = command.getOptionValue(new Option(flag).attributeName());
    // A flag that stands alone switches on.
    if (value === true) settings[key] = { by: flag, text: 'on' };
    if (typeof value === 'string') {
      settings[key] = setting.secret ? readSecretFile(flag, value) : { by: flag, text: value };
    }
  }
  return settings;
}

function entriesOf(mode: Mode): [SettingKey, Setting][] {
  return settingEntries().filter(([, setting]) => setting.only === undefined || setting.only === mode);
}

function placeholderOf(setting: Setting): string {
  if (setting.secret) return '<file>';
  return setting.value === 'on|off' ? '[on|off]' : `<${setting.value}>`;
}
