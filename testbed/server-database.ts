import { join } from 'node:path';
import { type DiskStore, openServerStore, STORE_FILE } from '../pump-server/index.ts';
import { lockIn } from './dir-lock.ts';

/**
 * The database of the pump server of a folder, for one process: two servers in one would contradict each other.
 *
 * @throws PumprangeError `PR_DIR_IN_USE`; as `openServerStore`
 */
export function openServerDatabase(dir: string, options: Parameters<typeof openServerStore>[1]): DiskStore {
  const unlock = lockIn(dir, 'pump-server');
  try {
    const store = openServerStore(join(dir, STORE_FILE), options);
    return {
      ...store,
      close: () => {
        store.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
