/** Names that somebody may have meant who wrote another one. */

/** How many names are told at most. */
const MAX_NEAR = 5;

/** Those of `names` that differ from `name` by little or hold it, the nearest first. */
export function findNear(name: string, names: readonly string[]): string[] {
  const most = Math.max(2, Math.floor(name.length / 3));
  return names
    .map((candidate) => ({
      candidate,
      distance: candidate.includes(name) ? 1 : measureDistance(name, candidate),
    }))
    .filter(({ distance }) => distance <= most)
    .sort((one, other) => one.distance - other.distance)
    .map(({ candidate }) => candidate)
    .slice(0, MAX_NEAR);
}

/** How many letters have to be added, left out or replaced (Levenshtein). */
function measureDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, against] of [...other].entries()) {
      const replaced = (row[column] ?? 0) + (letter === against ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
