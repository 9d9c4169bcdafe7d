/** The variables of commands that talk to a server or stand in for a receiver; no server has these settings. */

import { ConfigError, readSecret } from '../config.ts';

/** Their names; each may also name a file, as `NAME_FILE`. */
type ClientVariable =
  | 'JACKFIELD_URL'
  | 'JACKFIELD_API_KEY'
  | 'JACKFIELD_API_SECRET'
  | 'JACKFIELD_SIGNATURE_SECRET';

/** Reads one of them; undefined when it is not set. @throws {ConfigError} */
export function readClientVariable(name: ClientVariable): string | undefined {
  const given = readSecret(name);
  if (given !== undefined && 'fault' in given) throw new ConfigError([given.fault]);
  return given?.text;
}
