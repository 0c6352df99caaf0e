export { loadModels, parseModel } from './load.ts';
export type { PumpModel } from './model.ts';
