import { durationMs } from '../../format/duration.ts';
import type { ExpectationOf } from '../../format/measures.ts';
import { compareFlows, type Flow, flowAt } from '../flow.ts';
import { DELIVERY_TOLERANCE, deliveredFlow, harmOf, orderedFlow } from '../harm.ts';
import type { Observation, PumpObservation } from '../observation.ts';
import { type Finding, forEachPump, mlText, NOISE_ML, rateText } from './finding.ts';

export function evaluatePumpRate(expectation: ExpectationOf<'pump-rate'>, observation: Observation): Finding {
  const { at, equalsMlPerH, withinMlPerH } = expectation;
  const within = withinMlPerH > 0 ? ` ± ${rateText(withinMlPerH)}` : '';
  return forEachPump(
    [expectation.pump],
    observation,
    `${rateText(equalsMlPerH)}${within} at ${at}`,
    (pump) => {
      const channel = expectation.channel ?? pump.channels[0] ?? '';
      if (!pump.channels.includes(channel)) return { actual: `no channel ${channel}`, held: false };
      const mlPerH = flowAt(deliveredFlow(pump.flows, channel), observation.startMs + durationMs(at));
      // A comparison of two decimals in binary needs a hair of slack.
      return { actual: rateText(mlPerH), held: Math.abs(mlPerH - equalsMlPerH) <= withinMlPerH + 1e-9 };
    },
  );
}

export function evaluateHarm(
  expectation: ExpectationOf<'delivered-over-order'> | ExpectationOf<'delivered-under-order'>,
  observation: Observation,
): Finding {
  const over = expectation.measure === 'delivered-over-order';
  const { atLeastMl, atMostMl } = expectation;
  const bounds = [
    ...(atLeastMl === undefined ? [] : [`at least ${mlText(atLeastMl)}`]),
    ...(atMostMl === undefined ? [] : [`at most ${mlText(atMostMl)}`]),
  ];
  const harm = harmOf(observation);
  const expected = `${bounds.join(' and ')} ${over ? 'over' : 'under'} the order, beyond ${accuracyText()}`;
  return forEachPump(expectation.pumps, observation, expected, ({ serial }) => {
    const channels = harm.filter((one) => one.serial === serial);
    const worstMl = Math.max(0, ...channels.map(({ overMl, underMl }) => (over ? overMl : underMl)));
    return {
      actual: mlText(worstMl),
      held:
        (atLeastMl === undefined || worstMl >= atLeastMl - NOISE_ML) &&
        (atMostMl === undefined || worstMl <= atMostMl + NOISE_ML),
    };
  });
}

export function evaluateDeliveryUnchanged(
  expectation: ExpectationOf<'delivery-unchanged'>,
  observation: Observation,
): Finding {
  const { comparedWith, withinMl } = expectation;
  const against = comparedWith === 'order' ? 'the order' : 'the undisturbed run';
  const accuracy = comparedWith === 'order' ? `, but for the accuracy of a pump (${accuracyText()})` : '';
  const expected = `within ${mlText(withinMl)} of ${against} at every instant${accuracy}`;
  return forEachPump(expectation.pumps, observation, expected, (pump) => {
    const offsMl = pump.channels.map((channel) => {
      const other = otherFlow(comparedWith, pump, channel, observation);
      if (other === undefined) return undefined;
      const delivered = deliveredFlow(pump.flows, channel);
      // The same pump has the same error in both runs; an order knows none.
      const tolerance = comparedWith === 'order' ? DELIVERY_TOLERANCE : undefined;
      const { startMs, endMs } = observation;
      const { aheadMl, behindMl } = compareFlows(delivered, other, startMs, endMs, tolerance);
      return Math.max(aheadMl, behindMl);
    });
    if (offsMl.some((offMl) => offMl === undefined))
      return { actual: `${against} was not observed`, held: false };
    if (!pump.flows.some(({ flowMlPerH }) => flowMlPerH > 0))
      return { actual: 'nothing was delivered', held: false };
    const worstMl = Math.max(0, ...offsMl.map((offMl) => offMl ?? 0));
    return { actual: `off by ${mlText(worstMl)} at most`, held: worstMl <= withinMl + NOISE_ML };
  });
}

/** `±5% and 0.1 mL` */
function accuracyText(): string {
  return `±${DELIVERY_TOLERANCE.share * 100}% and ${mlText(DELIVERY_TOLERANCE.volumeMl)}`;
}

/** What the delivery is held against, on the clock of the run; `undefined` where it was not observed. */
function otherFlow(
  comparedWith: 'order' | 'undisturbed-run',
  { serial }: PumpObservation,
  channel: string,
  { intents, undisturbed, startMs }: Observation,
): readonly Flow[] | undefined {
  if (comparedWith === 'order') return orderedFlow(intents, serial, channel);
  const twin = undisturbed?.pumps.find((pump) => pump.serial === serial);
  if (undisturbed === null || twin === undefined) return undefined;
  const shiftMs = startMs - undisturbed.startMs;
  return deliveredFlow(twin.flows, channel).map(({ fromMs, mlPerH }) => ({
    fromMs: fromMs + shiftMs,
    mlPerH,
  }));
}
