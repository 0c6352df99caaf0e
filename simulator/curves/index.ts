export {
  type CurveSetup,
  type FlowSample,
  startUpCurve,
  type Trumpet,
  type TrumpetPoint,
  trumpetCurve,
} from './accuracy.ts';
export { type AccuracyCurves, accuracyCsv, accuracySvg } from './accuracy-drawing.ts';
export {
  type AlarmSpan,
  highest,
  meanFlows,
  type PressureSample,
  type Trace,
  traceCsv,
  traceSvg,
} from './trace.ts';
