import { isEffective, type WeaknessId } from '../../protocol/firmware/index.ts';
import type { ControlId } from '../../protocol/index.ts';
import { hasService, SERVICE_NAMES, type ServiceName } from './catalogue.ts';

/** The services that listen on a pump whose firmware has these weaknesses, as long as nobody has switched one off. */
export function openServices(
  weaknesses: readonly WeaknessId[],
  controls: ReadonlySet<ControlId>,
): readonly ServiceName[] {
  if (isEffective('services-off', controls, weaknesses)) return [];
  return SERVICE_NAMES.filter((name) => hasService(name, weaknesses));
}
