export type { Supplicant } from './admission.ts';
export { loadZonePlan } from './load.ts';
export { Network, type ZonePlans } from './network.ts';
export { zonePlanJsonSchema } from './plan.ts';
