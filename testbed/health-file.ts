import { rmSync, writeFileSync } from 'node:fs';
import { PumprangeError } from '../protocol/index.ts';

const LOOK_EVERY_MS = 1_000;

/**
 * Keeps a file that is there as long as a component is well, for whoever looks from outside without a network: the health checks of
 * docker-compose.yml.
 *
 * @returns what takes the file away and ends it
 * @throws PumprangeError `PR_DISK`
 */
export function keepHealthFile(path: string, isWell: () => boolean): () => void {
  const look = (): void => {
    if (isWell()) writeFileSync(path, '');
    else rmSync(path, { force: true });
  };
  try {
    rmSync(path, { force: true });
    look();
  } catch (cause) {
    throw new PumprangeError('PR_DISK', `${path}: ${String(cause)}`, { cause });
  }
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    rmSync(path, { force: true });
  };
}
