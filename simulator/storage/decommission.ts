import type { ControlId } from '../../protocol/index.ts';
import type { DeviceStorage } from './device-storage.ts';

/**
 * A pump leaves service. With `secure-decommission`, of which this is the one place, all that it stores is overwritten before it is handed
 * out; without it goes as it is. The wiping is the workshop's, so no firmware stands in its way.
 *
 * @returns whether it was wiped
 */
export function decommission(
  storage: Pick<DeviceStorage, 'wipe'>,
  controls: ReadonlySet<ControlId>,
): boolean {
  if (!controls.has('secure-decommission')) return false;
  storage.wipe();
  return true;
}
