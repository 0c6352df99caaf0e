import type { DeviceConfiguration } from '../../protocol/index.ts';
import { CONFIGURATION_FORM } from '../../testbed/index.ts';

/** The shipped device configuration as two people would sign it, changed as told; nobody has signed it yet. */
export function configurationOf(change: Partial<DeviceConfiguration> = {}): DeviceConfiguration {
  const path = 'simulator/configuration/samples/adult-icu.json';
  return { ...CONFIGURATION_FORM.draft(path, Date.parse('2026-04-01T00:00:00.000Z')), ...change };
}
