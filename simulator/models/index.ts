export { loadModels, parseModel } from './load.ts';
export { type PumpModel, pumpModelSchema } from './model.ts';
