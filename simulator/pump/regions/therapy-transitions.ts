import { endBolus, judgeBolusOf, judgeDemandOf, startBolus, startDemandDose } from '../bolus-steps.ts';
import type { PumpContext } from '../context.ts';
import type { EventOf, PumpEvent } from '../events.ts';
import type { LimitVerdict } from '../limits.ts';
import { refuse } from '../refusal.ts';
import { eventFact, step } from '../step.ts';
import {
  changeRate,
  complete,
  confirmProgramme,
  endProgramme,
  enterProgramme,
  halt,
  judgeEntry,
  judgeNewRate,
  judgeWaiting,
  keepVeinOpen,
  obstacle,
  remainingMl,
  runPrimary,
  start,
} from '../therapy-steps.ts';

interface Given<T extends PumpEvent['type']> {
  readonly context: PumpContext;
  readonly event: EventOf<T>;
}

/** The transitions of the channel `id`, each for one key, command or instant; a refusal is the last of its list. */
export function transitionsOf(id: string) {
  const pressed = ({ event }: { event: Extract<PumpEvent, { press: { channel: string } }> }) =>
    event.press.channel === id;
  const named = ({ event }: { event: { readonly channel: string } }) => event.channel === id;

  const programme = [
    {
      guard: ({ context, event }: Given<'bedside.programme'>) =>
        pressed({ event }) && judgeEntry(context, event.press.programme).within,
      target: `#channel-${id}.programming`,
      reenter: true,
      actions: step(enterProgramme),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.programme'>) =>
        refuseByLimits(event, judgeEntry(context, event.press.programme)),
      ),
    },
  ] as const;

  /** The limit check of the design: all limits, and an override only of soft ones. */
  const confirm = [
    {
      guard: ({ context, event }: Given<'bedside.confirm'>) =>
        pressed({ event }) && passes(judgeWaiting(context, id), event.press.overrideSoftLimit),
      target: 'ready',
      actions: step(confirmProgramme),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.confirm'>) =>
        refuseByLimits(event, judgeWaiting(context, id)),
      ),
    },
  ] as const;

  const begin = [
    {
      guard: ({ context, event }: Given<'bedside.start'>) =>
        pressed({ event }) && obstacle(context, id, event.atMs) === null,
      target: 'infusing',
      actions: step(start),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.start'>) =>
        refuse(event, obstacle(context, id, event.atMs) ?? 'not possible now'),
      ),
    },
  ] as const;

  const pause = {
    guard: pressed,
    target: 'paused',
    actions: step((context: PumpContext, event: EventOf<'bedside.pause'>) =>
      halt(context, id, event.atMs, 'infusion-paused', { by: event.role }),
    ),
  } as const;

  const remotePause = {
    guard: named,
    target: 'paused',
    actions: step((context: PumpContext, event: EventOf<'remote.pause'>) =>
      halt(context, id, event.atMs, 'infusion-paused', { by: 'remote' }),
    ),
  } as const;

  const resumed = (context: PumpContext, event: EventOf<'bedside.resume'>) => ({
    context,
    facts: [eventFact(event.atMs, 'infusion-resumed', id, { by: event.role })],
  });
  const resume = [
    {
      guard: ({ context, event }: Given<'bedside.resume'>) =>
        pressed({ event }) &&
        obstacle(context, id, event.atMs) === null &&
        remainingMl(context, id, event.atMs) > 0,
      target: 'infusing',
      actions: step((context: PumpContext, event: EventOf<'bedside.resume'>) =>
        resumed(runPrimary(context, id, event.atMs), event),
      ),
    },
    {
      guard: ({ context, event }: Given<'bedside.resume'>) =>
        pressed({ event }) &&
        obstacle(context, id, event.atMs) === null &&
        context.model.keepVeinOpenMlPerH > 0,
      target: 'infusing.keepVeinOpen',
      actions: step((context: PumpContext, event: EventOf<'bedside.resume'>) =>
        resumed(keepVeinOpen(context, id, event.atMs), event),
      ),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.resume'>) =>
        refuse(event, obstacle(context, id, event.atMs) ?? 'the infusion is complete'),
      ),
    },
  ] as const;

  const stop = {
    guard: pressed,
    target: `#channel-${id}.standby`,
    actions: step((context: PumpContext, event: EventOf<'bedside.stop'>) =>
      endProgramme(context, id, event.atMs, event.role),
    ),
  } as const;

  const newRate = [
    {
      guard: ({ context, event }: Given<'bedside.change-rate'>) =>
        pressed({ event }) &&
        passes(judgeNewRate(context, id, event.press.rateMlPerH), event.press.overrideSoftLimit),
      actions: step((context: PumpContext, event: EventOf<'bedside.change-rate'>) =>
        changeRate(context, id, event.atMs, event.press.rateMlPerH, event.role),
      ),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.change-rate'>) =>
        refuseByLimits(event, judgeNewRate(context, id, event.press.rateMlPerH)),
      ),
    },
  ] as const;

  /** Nobody stands there to pass a soft limit on purpose: a remote change keeps within both. */
  const remoteRate = [
    {
      guard: ({ context, event }: Given<'remote.set-rate'>) =>
        named({ event }) && judgeNewRate(context, id, event.rateMlPerH).within,
      actions: step((context: PumpContext, event: EventOf<'remote.set-rate'>) =>
        changeRate(context, id, event.atMs, event.rateMlPerH, 'remote'),
      ),
    },
    {
      guard: named,
      actions: step((context: PumpContext, event: EventOf<'remote.set-rate'>) =>
        refuseByLimits(event, judgeNewRate(context, id, event.rateMlPerH)),
      ),
    },
  ] as const;

  const bolus = [
    {
      guard: ({ context, event }: Given<'bedside.bolus'>) =>
        pressed({ event }) && judgeBolusOf(context, event).within,
      target: 'bolus',
      actions: step(startBolus),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.bolus'>) =>
        refuseByLimits(event, judgeBolusOf(context, event)),
      ),
    },
  ] as const;

  const demand = [
    {
      guard: ({ context, event }: Given<'bedside.pca-demand'>) =>
        pressed({ event }) && judgeDemandOf(context, event).within,
      target: 'pcaDose',
      actions: step(startDemandDose),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.pca-demand'>) =>
        refuseByLimits(event, judgeDemandOf(context, event)),
      ),
    },
  ] as const;

  /** The end of the programme, out of any way of infusing. */
  const completed = [
    {
      guard: ({ context, event }: Given<'due.budget-spent'>) =>
        named({ event }) && context.model.keepVeinOpenMlPerH > 0,
      target: `#channel-${id}.infusing.keepVeinOpen`,
      actions: step(complete),
    },
    { guard: named, target: `#channel-${id}.complete`, actions: step(complete) },
  ] as const;

  const bolusEnds = [
    {
      guard: ({ context, event }: Given<'due.budget-spent'>) =>
        named({ event }) && remainingMl(context, id, event.atMs) > 0,
      target: 'primary',
      actions: step(endBolus),
    },
    ...completed,
  ] as const;

  return {
    programme,
    confirm,
    begin,
    pause,
    remotePause,
    resume,
    stop,
    newRate,
    remoteRate,
    bolus,
    demand,
    completed,
    bolusEnds,
  };
}

function passes(verdict: LimitVerdict, overrideSoftLimit: boolean | undefined): boolean {
  return verdict.within || (verdict.limit === 'soft' && overrideSoftLimit === true);
}

function refuseByLimits(event: Parameters<typeof refuse>[0], verdict: LimitVerdict) {
  return refuse(event, verdict.within ? 'not possible now' : verdict.reason, 'dose-limits');
}
