export type { Supplicant } from './emulation/credentials.ts';
export { Network, type ZonePlans } from './emulation/network.ts';
export { loadZonePlan } from './plan/load.ts';
export { zonePlanJsonSchema } from './plan/plan.ts';
