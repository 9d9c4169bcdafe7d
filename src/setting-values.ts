/** How the values of settings are read; each reader throws an error that says what a value must be. */

import { isIP } from 'node:net';

/** Reads a whole number within bounds. */
export const whole = (from: number, to: number) => (text: string) => {
  if (!/^\d{1,12}$/.test(text) || Number(text) < from || Number(text) > to) {
    throw new Error(`a whole number from ${from} to ${to}`);
  }
  return Number(text);
};

/** Reads one of some words, in any case. */
export const oneOf =
  <T extends string>(...values: readonly T[]) =>
  (text: string): T => {
    const found = values.find((value) => value === text.toLowerCase());
    if (found === undefined) throw new Error(`one of: ${values.join(', ')}`);
    return found;
  };

/** Reads a switch. */
export const onOff = (text: string) => oneOf('on', 'off')(text) === 'on';

/** Takes any text. */
export const word = (text: string) => text;

/** Reads 32 bytes. */
export function parseMasterKey(text: string): Buffer {
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  if (key.length !== 32 || !/^([0-9a-f]{64}|[0-9A-Za-z+/]{43}=)$/i.test(text)) {
    throw new Error('32 bytes written as 64 hexadecimal digits or as base64');
  }
  return key;
}

/** Where the database is. */
type DatabaseAddress =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string };

export function parseDatabaseUrl(text: string): DatabaseAddress {
  if (/^postgres(ql)?:\/\//.test(text)) return { kind: 'postgres', url: requirePostgresUrl(text) };
  // Two slashes would begin the name of a host, and a file has none; `:memory:` is no file.
  const [, absolute, plain] = /^sqlite:(?:\/\/(\/.+)|(?!\/\/|:memory:)(.+))$/.exec(text) ?? [];
  const path = absolute ?? plain;
  if (path === undefined || path.includes('\0')) {
    throw new Error(
      'a SQLite file such as sqlite:./jackfield.db or sqlite:///var/lib/jackfield.db, or postgres://USER:PASSWORD@HOST:PORT/NAME',
    );
  }
  return { kind: 'sqlite', path };
}

export function requirePostgresUrl(text: string): string {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text))
    throw new Error('a URL such as postgres://USER:PASSWORD@HOST:PORT/NAME');
  return text;
}

/** Reads addresses and ranges of addresses. */
export const ranges =
  (of: string) =>
  (text: string): readonly string[] => {
    const entries = text.split(',').map((entry) => entry.trim());
    for (const entry of entries) {
      const [address = '', bits, ...rest] = entry.split('/');
      const version = isIP(address);
      const fits =
        bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
      if (version === 0 || address.includes('%') || !fits || rest.length > 0) {
        throw new Error(
          `addresses without zones or CIDR ranges ${of}, with commas between them, such as 10.0.0.0/8,::1`,
        );
      }
    }
    return entries;
  };

/** Reads a text that a token carries: no control characters, not too long. */
export function claim(text: string): string {
  if (/\p{Cc}/u.test(text) || text.length > 255) throw new Error('1 to 255 characters, none of control');
  return text;
}
