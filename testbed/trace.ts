import { PumprangeError } from '../protocol/index.ts';
import {
  type AlarmChange,
  deliveredFlow,
  expandFleet,
  orderedFlow,
  type PumpObservation,
  rehearse,
  selectPosture,
  selectScenarios,
} from '../scenarios/index.ts';
import type { AlarmSpan, Trace } from '../simulator/curves/index.ts';
import { channelNamed } from './curves.ts';
import { type Exercise, namesOf } from './exercise.ts';
import { stageBuilder } from './stage.ts';

/** How often the pressure is read, in simulated time. */
const SAMPLE_EVERY_MS = 5_000;

export interface TraceRequest {
  /** Id or YAML file of one scenario. */
  readonly scenario: string;
  readonly posture: string;
  /** Absent: that of the scenario. */
  readonly seed?: number | undefined;
  /** Absent: the first of the fleet. */
  readonly serial?: string | undefined;
  /** Absent: the first of the pump. */
  readonly channel?: string | undefined;
  /** Where the clock of the rehearsal starts; the time of day by default. It does not show in the trace. */
  readonly startMs?: number | undefined;
}

/**
 * Rehearses a scenario and follows one channel of one pump through it.
 *
 * @throws PumprangeError `PR_CHANNEL_UNKNOWN`, `PR_USAGE` where several scenarios are named, and what `runScenarios` throws
 */
export async function traceScenario(exercise: Exercise, request: TraceRequest): Promise<Trace> {
  const { data, postures, rules, scenarios } = exercise;
  const chosen = selectScenarios(scenarios, [request.scenario], namesOf(exercise));
  const [scenario] = chosen;
  if (scenario === undefined || chosen.length > 1) {
    throw new PumprangeError(
      'PR_USAGE',
      `${request.scenario} is a family of ${chosen.length}; name one of ${chosen.map(({ id }) => id).join(', ')}`,
    );
  }
  const posture = selectPosture(postures, request.posture);
  const fleet = expandFleet(scenario.fleet);
  const pump =
    request.serial === undefined ? fleet[0] : fleet.find(({ serial }) => serial === request.serial);
  if (pump === undefined) {
    throw new PumprangeError(
      'PR_CHANNEL_UNKNOWN',
      `${scenario.id} has no pump ${request.serial ?? ''}; it has ${fleet.map(({ serial }) => serial).join(', ')}`,
    );
  }
  const channel = channelNamed(pump.serial, data.models.get(pump.model)?.channels ?? [], request.channel);
  const seed = request.seed ?? scenario.seed;
  const { observation } = await rehearse({
    scenario,
    posture,
    seed,
    build: stageBuilder(data, rules),
    playbooks: exercise.playbooks,
    startMs: request.startMs ?? Date.now(),
    sampling: { serial: pump.serial, everyMs: SAMPLE_EVERY_MS },
  });
  const { startMs, endMs, intents } = observation;
  const seen = observation.pumps.find(({ serial }) => serial === pump.serial);
  const sinceStart = ({ fromMs, mlPerH }: { readonly fromMs: number; readonly mlPerH: number }) => ({
    fromMs: fromMs - startMs,
    flowMlPerH: mlPerH,
  });
  return {
    title: `${scenario.id} under ${posture.id}: ${pump.serial}, channel ${channel}, seed ${seed}`,
    durationMs: endMs - startMs,
    delivered: deliveredFlow(seen?.flows ?? [], channel).map(sinceStart),
    ordered: orderedFlow(intents, pump.serial, channel).map(sinceStart),
    pressures: pressuresOf(seen, channel, startMs),
    alarms: alarmSpans(seen?.alarms ?? [], channel, startMs, endMs),
  };
}

function pressuresOf(
  pump: PumpObservation | undefined,
  channel: string,
  startMs: number,
): Trace['pressures'] {
  return (pump?.samples ?? [])
    .filter((sample) => sample.channel === channel)
    .map(({ atMs, pressureMmHg }) => ({ atMs: atMs - startMs, pressureMmHg }));
}

/**
 * From raised to cleared, of the channel and of the pump as a whole, at the priority that it came to; what is not cleared lasts until
 * the end.
 */
export function alarmSpans(
  changes: readonly AlarmChange[],
  channel: string,
  startMs: number,
  endMs: number,
): readonly AlarmSpan[] {
  return changes.flatMap((raised, index): AlarmSpan[] => {
    if (raised.change !== 'raised' || (raised.channel !== null && raised.channel !== channel)) return [];
    const own = changes
      .slice(index)
      .filter(({ alarm, channel: of }) => alarm === raised.alarm && of === raised.channel);
    const clearedIndex = own.findIndex(({ change }) => change === 'cleared');
    const during = clearedIndex === -1 ? own : own.slice(0, clearedIndex);
    return [
      {
        alarm: raised.alarm,
        priority: during.at(-1)?.priority ?? raised.priority,
        fromMs: raised.atMs - startMs,
        untilMs: (own[clearedIndex]?.atMs ?? endMs) - startMs,
      },
    ];
  });
}
