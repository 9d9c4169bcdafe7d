/** Fills a disk to its last byte. */

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

/** Writes a file until there is no room left beside it. */
export function fillDisk(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = 65_536; size >= 1; size = size === 1 ? 0 : size / 2) writeUntilFull(file, size);
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, size: number): void {
  const block = Buffer.alloc(size, 'x');
  for (;;) {
    try {
      writeSync(file, block);
      fsyncSync(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}
