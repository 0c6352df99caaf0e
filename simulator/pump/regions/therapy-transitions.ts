import { endBolus, judgeBolusOf, judgeDemandOf, startBolus, startDemandDose } from '../bolus-steps.ts';
import { channelOf, type Phase, type PumpContext, withChannel } from '../context.ts';
import type { EventOf, PumpEvent } from '../events.ts';
import { passes, refuseByLimits } from '../limit-answers.ts';
import type { LimitVerdict } from '../limit-verdict.ts';
import { rateOfDose } from '../programming.ts';
import { refuse } from '../refusal.ts';
import { mayRestart, restartBySelf } from '../restart-steps.ts';
import { type PumpSetting, whyNotSet } from '../settings.ts';
import { eventFact, type Outcome, step } from '../step.ts';
import {
  changeRate,
  complete,
  confirmProgramme,
  endProgramme,
  enterProgramme,
  halt,
  phaseToResume,
  raiseAlarm,
  recall,
  restOf,
  run,
  runPrimary,
  start,
} from '../therapy-steps.ts';
import {
  judgeEntry,
  judgeNewRate,
  judgeWaiting,
  keepVeinOpenMlPerH,
  obstacle,
  questionOf,
  resolveEntry,
} from '../verdicts.ts';
import { remainingMl } from '../volumes.ts';
import { secondaryOf } from './therapy-secondary.ts';

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
      guard: ({ context, event }: Given<'bedside.programme'>) => {
        if (!pressed({ event })) return false;
        const resolved = resolveEntry(context, id, event.press.programme);
        return resolved.ok && judgeEntry(context, id, resolved.programme).within;
      },
      target: `#channel-${id}.programming`,
      reenter: true,
      actions: step((context: PumpContext, event: EventOf<'bedside.programme'>) => {
        const resolved = resolveEntry(context, id, event.press.programme);
        return resolved.ok
          ? enterProgramme(context, id, event.atMs, resolved.programme, { by: event.role })
          : {};
      }),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.programme'>) => {
        const resolved = resolveEntry(context, id, event.press.programme);
        if (!resolved.ok) return refuse(event, resolved.reason, 'dose-limits');
        return refuseByLimits(event, judgeEntry(context, id, resolved.programme));
      }),
    },
  ] as const;

  const recalled = [
    {
      guard: ({ context, event }: Given<'bedside.recall'>) =>
        pressed({ event }) && whyNotRecalled(context, id, event.atMs) === null,
      target: 'programming',
      actions: step(recall),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.recall'>) =>
        refuse(event, whyNotRecalled(context, id, event.atMs) ?? 'not possible now'),
      ),
    },
  ] as const;

  /** The limit check of the design: all limits, and an override only of soft ones. */
  const confirm = [
    {
      guard: ({ context, event }: Given<'bedside.confirm'>) =>
        pressed({ event }) && passes(judgeWaiting(context, id, event.atMs), event.press.overrideSoftLimit),
      target: 'ready',
      actions: step(confirmProgramme),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.confirm'>) =>
        refuseByLimits(event, judgeWaiting(context, id, event.atMs)),
      ),
    },
  ] as const;

  const begin = [
    {
      guard: ({ context, event }: Given<'bedside.start'>) =>
        pressed({ event }) &&
        obstacle(context, id, event.atMs) === null &&
        channelOf(context, id).programme?.loading != null,
      target: 'infusing.loading',
      actions: step(start),
    },
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

  const resumeTo = (phase: Phase) =>
    ({
      guard: ({ context, event }: Given<'bedside.resume'>) =>
        pressed({ event }) &&
        obstacle(context, id, event.atMs) === null &&
        phaseToResume(context, id, event.atMs) === phase,
      target: `infusing.${phase}`,
      actions: step((context: PumpContext, event: EventOf<'bedside.resume'>) => ({
        context: run(context, id, event.atMs, phase),
        facts: [eventFact(event.atMs, 'infusion-resumed', id, { by: event.role })],
      })),
    }) as const;
  const resume = [
    ...PHASES.map(resumeTo),
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.resume'>) =>
        refuse(event, obstacle(context, id, event.atMs) ?? 'the infusion is complete'),
      ),
    },
  ] as const;

  /** The line opened again soon after its alarm: the pump goes on by itself, a few times within a window. */
  const restart = PHASES.map(
    (phase) =>
      ({
        guard: ({ context, event }: Given<'physical.line-opened'>) =>
          event.cause.channel === id &&
          mayRestart(context, id, event.atMs) &&
          phaseToResume(context, id, event.atMs) === phase,
        target: `infusing.${phase}`,
        actions: step((context: PumpContext, event: EventOf<'physical.line-opened'>) =>
          restartBySelf(context, id, event.atMs, phase),
        ),
      }) as const,
  );

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
        passes(judgeNewRate(context, id, event.press.rateMlPerH, event.atMs), event.press.overrideSoftLimit),
      actions: step((context: PumpContext, event: EventOf<'bedside.change-rate'>) =>
        changeRate(context, id, event.atMs, event.press.rateMlPerH, event.role),
      ),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.change-rate'>) =>
        refuseByLimits(event, judgeNewRate(context, id, event.press.rateMlPerH, event.atMs)),
      ),
    },
  ] as const;

  const rateForDose = ({ context, event }: Given<'bedside.change-dose'>): number => {
    const current = channelOf(context, id).programme;
    const { dose } = event.press;
    if (current === null || typeof dose !== 'number') return Number.NaN;
    return rateOfDose(questionOf(context, id, current), current, dose) ?? Number.NaN;
  };
  const newDose = [
    {
      guard: ({ context, event }: Given<'bedside.change-dose'>) =>
        pressed({ event }) &&
        passes(
          judgeNewRate(context, id, rateForDose({ context, event }), event.atMs),
          event.press.overrideSoftLimit,
        ),
      actions: step((context: PumpContext, event: EventOf<'bedside.change-dose'>) =>
        changeRate(context, id, event.atMs, rateForDose({ context, event }), event.role),
      ),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.change-dose'>) => {
        const rateMlPerH = rateForDose({ context, event });
        return Number.isNaN(rateMlPerH)
          ? refuse(event, 'the programme knows no dose')
          : refuseByLimits(event, judgeNewRate(context, id, rateMlPerH, event.atMs));
      }),
    },
  ] as const;

  /** Nobody stands there to pass a soft limit on purpose: a remote change keeps within both. */
  const remoteRate = [
    {
      guard: ({ context, event }: Given<'remote.set-rate'>) =>
        named({ event }) && judgeNewRate(context, id, event.rateMlPerH, event.atMs).within,
      actions: step((context: PumpContext, event: EventOf<'remote.set-rate'>) =>
        changeRate(context, id, event.atMs, event.rateMlPerH, 'remote'),
      ),
    },
    {
      guard: named,
      actions: step((context: PumpContext, event: EventOf<'remote.set-rate'>) =>
        refuseByLimits(event, judgeNewRate(context, id, event.rateMlPerH, event.atMs)),
      ),
    },
  ] as const;

  const bolus = [
    {
      guard: ({ context, event }: Given<'bedside.bolus'>) =>
        pressed({ event }) && passes(judgeBolusOf(context, event), event.press.overrideSoftLimit),
      target: 'bolus',
      actions: step(startBolus),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.bolus'>) =>
        refuseBolus(event, judgeBolusOf(context, event), id),
      ),
    },
  ] as const;

  /** As at the bedside, but within soft limits too. */
  const remoteBolus = [
    {
      guard: ({ context, event }: Given<'remote.bolus'>) =>
        named({ event }) && judgeBolusOf(context, event).within,
      target: 'bolus',
      actions: step(startBolus),
    },
    {
      guard: named,
      actions: step((context: PumpContext, event: EventOf<'remote.bolus'>) =>
        refuseBolus(event, judgeBolusOf(context, event), id),
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
        named({ event }) && keepVeinOpenMlPerH(context, id) > 0,
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

  const loadingEnds = [
    {
      guard: ({ context, event }: Given<'due.budget-spent'>) =>
        named({ event }) && remainingMl(context, id, event.atMs) > 0,
      target: 'primary',
      actions: step((context: PumpContext, event: EventOf<'due.budget-spent'>) => ({
        context: runPrimary(context, id, event.atMs),
        facts: [eventFact(event.atMs, 'loading-dose-completed', id)],
      })),
    },
    ...completed,
  ] as const;

  const configure = [
    {
      guard: ({ context, event }: Given<'bedside.configure'>) =>
        pressed({ event }) && whyNotSet(context.model, event.press.setting) === null,
      actions: step((context: PumpContext, event: EventOf<'bedside.configure'>) =>
        changeSetting(context, id, event.atMs, event.press.setting, event.role),
      ),
    },
    {
      guard: pressed,
      actions: step((context: PumpContext, event: EventOf<'bedside.configure'>) =>
        refuse(event, whyNotSet(context.model, event.press.setting) ?? 'not possible now'),
      ),
    },
  ] as const;

  const limitAsked = ({ occlusionLimitMmHg }: EventOf<'remote.set-alarm-limit'>) =>
    ({ name: 'occlusionLimitMmHg', value: occlusionLimitMmHg }) as const;
  /** In any mode but off. Where nobody has to confirm it, nobody at the bedside hears of it before the line is occluded. */
  const remoteAlarmLimit = [
    {
      guard: ({ context, event }: Given<'remote.set-alarm-limit'>) =>
        named({ event }) && isOn(context, id) && whyNotSet(context.model, limitAsked(event)) === null,
      actions: step((context: PumpContext, event: EventOf<'remote.set-alarm-limit'>) =>
        changeSetting(context, id, event.atMs, limitAsked(event), 'remote'),
      ),
    },
    {
      guard: ({ context, event }: Given<'remote.set-alarm-limit'>) => named({ event }) && isOn(context, id),
      actions: step((context: PumpContext, event: EventOf<'remote.set-alarm-limit'>) =>
        refuse(event, whyNotSet(context.model, limitAsked(event)) ?? 'not possible now'),
      ),
    },
  ] as const;

  return {
    recalled,
    restart,
    newDose,
    loadingEnds,
    configure,
    ...secondaryOf(id),
    programme,
    confirm,
    begin,
    pause,
    remotePause,
    resume,
    stop,
    newRate,
    remoteRate,
    remoteBolus,
    remoteAlarmLimit,
    bolus,
    demand,
    completed,
    bolusEnds,
  };
}

const PHASES = ['loading', 'primary', 'secondary', 'keepVeinOpen'] as const satisfies readonly Phase[];

function isOn(context: PumpContext, id: string): boolean {
  return channelOf(context, id).mode !== 'off';
}

function changeSetting(
  context: PumpContext,
  id: string,
  atMs: number,
  { name, value }: PumpSetting,
  by: string,
): Outcome {
  const { settings } = channelOf(context, id);
  return {
    context: withChannel(context, id, { settings: { ...settings, [name]: value } }),
    facts: [eventFact(atMs, 'setting-changed', id, { name, value, by })],
  };
}

/** A soft limit asks to be passed on purpose; only what may never be given alarms [GIP]. */
function refuseBolus(
  event: EventOf<'bedside.bolus' | 'remote.bolus'>,
  verdict: LimitVerdict,
  id: string,
): Outcome {
  const refusal = refuseByLimits(event, verdict);
  return !verdict.within && verdict.limit === 'soft'
    ? refusal
    : { ...refusal, raise: [raiseAlarm(event.atMs, 'dose-limit', id)] };
}

/** What is kept longer than this after a loss of power is thrown away [GIP: at least 4 h]. */
const RETENTION_MS = 8 * 3_600_000;

function whyNotRecalled(context: PumpContext, id: string, atMs: number): string | null {
  const { retained } = channelOf(context, id);
  if (retained === null) return 'nothing is kept of a programme';
  if (atMs - retained.atMs > RETENTION_MS) return 'what was kept is too old';
  const verdict = judgeEntry(context, id, restOf(retained));
  return verdict.within ? null : verdict.reason;
}
