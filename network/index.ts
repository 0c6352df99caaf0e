export type { Supplicant } from './credentials.ts';
export { loadZonePlan } from './load.ts';
export { Network, type ZonePlans } from './network.ts';
export { zonePlanJsonSchema } from './plan.ts';
