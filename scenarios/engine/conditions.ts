import { isAtLeast } from '../../protocol/index.ts';
import type { Condition } from '../format/steps.ts';
import type { StepOutcome } from './observation.ts';
import type { Stage } from './port.ts';

/** Whether what a step waits for is so now. Evidence counts only as far as a blue team could see it. */
export function holds(condition: Condition, stage: Stage, done: ReadonlyMap<string, StepOutcome>): boolean {
  switch (condition.condition) {
    case 'step-done':
      return isDone(done.get(condition.step), condition.outcome);
    case 'therapy-state': {
      const { channels } = stage.snapshot(condition.pump);
      const channel =
        condition.channel === undefined
          ? channels[0]
          : channels.find((one) => one.channel === condition.channel);
      return channel?.therapy === condition.equals;
    }
    case 'alarm-active':
      return stage.alarmActive(condition.pump, condition.alarm);
    case 'firmware-running':
      return stage.snapshot(condition.pump).firmware.running === condition.equals;
    case 'alert':
      return stage
        .alerts()
        .some(
          ({ rule, level }) =>
            (condition.rule === undefined || rule === condition.rule) &&
            (condition.level === undefined || isAtLeast(level, condition.level)),
        );
    case 'evidence':
      return stage
        .evidence()
        .some(
          (event) =>
            event.visibility === 'blue' &&
            (condition.event === undefined || event.event === condition.event) &&
            (condition.control === undefined || event.control === condition.control),
        );
  }
}

function isDone(step: StepOutcome | undefined, wanted: StepOutcome['outcome'] | undefined): boolean {
  return step !== undefined && (wanted === undefined || step.outcome === wanted);
}
