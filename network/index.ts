export type { Supplicant } from './emulation/credentials.ts';
export { Network, type ZonePlans } from './emulation/network.ts';
export { type Layout, layOut } from './plan/layout.ts';
export { loadZonePlan } from './plan/load.ts';
export { zonePlanJsonSchema } from './plan/plan.ts';
export { compileRuleset } from './ruleset/compile.ts';
export { readRuleset } from './ruleset/read.ts';
