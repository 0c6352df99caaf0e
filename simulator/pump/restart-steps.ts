import { stoppingAlarm } from './alarms.ts';
import { channelOf, type Phase, type PumpContext, withChannel } from './context.ts';
import { openLine } from './regions/therapy-causes.ts';
import { eventFact, type Outcome } from './step.ts';
import { run } from './therapy-steps.ts';
import { isTooFastForSyringe } from './verdicts.ts';

/** Whether an occlusion that is gone starts the infusion again: soon after its alarm, and not too often. */
export function mayRestart(context: PumpContext, id: string, atMs: number): boolean {
  const { stopped, restartsMs, settings, faults } = channelOf(context, id);
  const { windowMinutes, withinSeconds } = context.model.autoRestart;
  if (isTooFastForSyringe(context, id)) return false;
  if (stopped?.by !== 'downstream-occlusion' || atMs - stopped.atMs > withinSeconds * 1_000) return false;
  const recent = restartsMs.filter((each) => each > atMs - windowMinutes * 60_000);
  const other = context.alarms.filter(({ alarm }) => alarm !== 'downstream-occlusion');
  return (
    recent.length < settings.autoRestarts && faults.length === 0 && stoppingAlarm(other, id) === undefined
  );
}

export function restartBySelf(context: PumpContext, id: string, atMs: number, phase: Phase): Outcome {
  const opened = openLine(context, id, atMs);
  const { restartsMs } = channelOf(context, id);
  const windowMs = context.model.autoRestart.windowMinutes * 60_000;
  const restarts = [...restartsMs.filter((each) => each > atMs - windowMs), atMs];
  const counted = withChannel(opened.context ?? context, id, { restartsMs: restarts });
  return {
    context: run(counted, id, atMs, phase),
    facts: [...(opened.facts ?? []), eventFact(atMs, 'auto-restarted', id, { times: restarts.length })],
    raise: [{ type: 'alarm.dismiss', atMs, alarm: 'downstream-occlusion', channel: id }],
  };
}
