import { seededRandom } from '../clock/index.ts';
import { PumprangeError, parseSerial } from '../protocol/index.ts';
import { type AccuracyCurves, startUpCurve, trumpetCurve } from '../simulator/curves/index.ts';
import type { PumpModel } from '../simulator/models/index.ts';
import { drawMechanism } from '../simulator/physics/index.ts';
import type { WardData } from './data.ts';

export interface CurveRequest {
  readonly model: string;
  readonly rateMlPerH: number;
  /** Absent: the first of the model, such as `LVP-0001`. */
  readonly serial?: string | undefined;
  /** Absent: the first of the model. */
  readonly channel?: string | undefined;
  readonly seed: number;
}

/**
 * The accuracy curves of one channel of a pump, with the error that a ward of that seed would give it.
 *
 * @throws PumprangeError `PR_MODEL_UNKNOWN`, `PR_RATE_OUTSIDE_MODEL`, `PR_CHANNEL_UNKNOWN`, `PR_USAGE` for a serial number that is none
 */
export function accuracyCurves(data: Pick<WardData, 'models'>, request: CurveRequest): AccuracyCurves {
  const { rateMlPerH, seed } = request;
  const model = modelNamed(data, request.model);
  const { min, max } = model.rateMlPerH;
  if (!(rateMlPerH >= min && rateMlPerH <= max)) {
    throw new PumprangeError(
      'PR_RATE_OUTSIDE_MODEL',
      `${model.id} delivers from ${min} to ${max} mL/h, not ${rateMlPerH}`,
    );
  }
  const serial = request.serial ?? `${model.serialPrefix}-0001`;
  if (parseSerial(serial) === undefined) {
    throw new PumprangeError('PR_USAGE', `${serial} is no serial number; one is ${model.serialPrefix}-0001`);
  }
  const channel = channelNamed(model.id, model.channels, request.channel);
  const random = seededRandom(seed).fork(`${serial}/pump`).fork(`mechanism-${channel}`);
  const setup = { mechanism: drawMechanism(model.accuracy, random), line: model.line, rateMlPerH };
  return {
    subject: `${model.id} ${serial}, channel ${channel}, seed ${seed}`,
    rateMlPerH,
    startUp: startUpCurve(setup),
    trumpet: trumpetCurve(setup),
  };
}

function modelNamed({ models }: Pick<WardData, 'models'>, id: string): PumpModel {
  const model = models.get(id);
  if (model !== undefined) return model;
  throw new PumprangeError(
    'PR_MODEL_UNKNOWN',
    `there is no model ${id}; there are ${[...models.keys()].join(', ')}`,
  );
}

/** @throws PumprangeError `PR_CHANNEL_UNKNOWN` */
export function channelNamed(owner: string, channels: readonly string[], asked: string | undefined): string {
  const [first] = channels;
  const channel = asked ?? first;
  if (channel !== undefined && channels.includes(channel)) return channel;
  throw new PumprangeError(
    'PR_CHANNEL_UNKNOWN',
    `${owner} has no channel ${channel ?? ''}; it has ${channels.join(', ')}`,
  );
}
