/** The one place of the bench that reads the environment. */

/** What a child needs of the machine; settings of a server that somebody exported are not among them. */
const kept = ['PATH', 'HOME', 'USERPROFILE', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot'];

/** The environment every child starts with. */
export function readChildEnvironment(): Record<string, string> {
  return Object.fromEntries(
    kept.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
