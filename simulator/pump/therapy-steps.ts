import { advance } from '../physics/index.ts';
import type { AlarmName } from './alarms.ts';
import {
  type ChannelContext,
  channelOf,
  NOTHING_INTERRUPTED,
  type Phase,
  type PumpContext,
  type TherapyMode,
  withCalibration,
  withChannel,
  withDrive,
} from './context.ts';
import type { EventOf, PumpEvent } from './events.ts';
import { deliverableRateMlPerH, durationMinutesOf, judgeDose } from './limits.ts';
import { earlierRates, withDose } from './pca-account.ts';
import type { Programme } from './programme.ts';
import { detailOf, libraryName, overrideFacts } from './programme-record.ts';
import { doseOfRate } from './programming.ts';
import { eventFact, type Outcome } from './step.ts';
import { judgeNewRate, judgeWaiting, keepVeinOpenMlPerH, questionOf } from './verdicts.ts';
import { infusedMl, micro, NOTHING_ML, remainingMl } from './volumes.ts';

/** In which modes an alarm of a channel still has its reason; it ends on entering any other. */
const INFUSING: readonly TherapyMode[] = ['loading', 'primary', 'secondary', 'bolus', 'pcaDose'];
const REASON_MODES: Partial<Record<AlarmName, readonly TherapyMode[]>> = {
  // Somebody has come.
  idle: [],
  'input-waiting': [],
  'infusion-complete': ['keepVeinOpen', 'complete', 'paused', 'stopped'],
  'near-end': [...INFUSING, 'paused', 'stopped'],
  'reservoir-low': [...INFUSING, 'keepVeinOpen', 'paused', 'stopped'],
  'dose-out-of-range': [...INFUSING, 'paused', 'stopped'],
};

const WAITING_MODES: readonly TherapyMode[] = ['programming', 'ready', 'paused', 'stopped'];

/** What every state of a channel does on entry: it copies itself into the context and ends alarms that are over. */
export function enterMode(context: PumpContext, event: PumpEvent, id: string, mode: TherapyMode): Outcome {
  const channel = channelOf(context, id);
  const over = context.alarms.filter(
    (held) => held.channel === id && REASON_MODES[held.alarm]?.includes(mode) === false,
  );
  return {
    context: withChannel(context, id, {
      mode,
      waitingSinceMs: WAITING_MODES.includes(mode) ? event.atMs : null,
      toldIdle: false,
      stopped: mode === 'stopped' ? channel.stopped : null,
    }),
    raise: over.map(({ alarm }) => causeGone(event.atMs, alarm, id)),
  };
}

export function raiseAlarm(atMs: number, alarm: AlarmName, channel: string | null): PumpEvent {
  return { type: 'alarm.raise', atMs, alarm, channel };
}

export function causeGone(atMs: number, alarm: AlarmName, channel: string | null): PumpEvent {
  return { type: 'alarm.cause-gone', atMs, alarm, channel };
}

export function enterProgramme(
  context: PumpContext,
  id: string,
  atMs: number,
  programme: Programme,
  detail: Readonly<Record<string, string | number | boolean | null>>,
): Outcome {
  const { physics } = channelOf(context, id);
  return {
    context: withChannel(context, id, {
      programme,
      drivenAtStartMl: advance(physics, context.model.line, atMs).drivenMl,
      interrupted: NOTHING_INTERRUPTED,
      secondary: null,
      toldNearEnd: false,
      toldReservoirLow: false,
    }),
    facts: [eventFact(atMs, 'programmed', id, { ...detailOf(programme), ...detail })],
  };
}

/** Takes up what the pump kept when its power went. It is kept until something starts: an entry may be left again. */
export function recall(context: PumpContext, event: EventOf<'bedside.recall'>): Outcome {
  const { channel: id } = event.press;
  const { retained } = channelOf(context, id);
  if (retained === null) return {};
  const rest = restOf(retained);
  return enterProgramme(context, id, event.atMs, rest, { by: event.role, recalled: true });
}

/** What is left of a retained programme. A loading dose is not taken up again. */
export function restOf({ programme, leftMl }: NonNullable<ChannelContext['retained']>): Programme {
  return {
    ...programme,
    volumeToBeInfusedMl: leftMl,
    restOfMl: programme.restOfMl ?? programme.volumeToBeInfusedMl,
    durationMinutes: durationMinutesOf(programme.rateMlPerH, leftMl, null),
    loading: null,
  };
}

export function confirmProgramme(context: PumpContext, event: EventOf<'bedside.confirm'>): Outcome {
  const { channel: id } = event.press;
  const verdict = judgeWaiting(context, id, event.atMs);
  return {
    facts: [
      ...overrideFacts(event.atMs, id, verdict, event.role),
      eventFact(event.atMs, 'programme-confirmed', id, { by: event.role, library: libraryName(context) }),
    ],
  };
}

/** The alert that a dose beyond a soft limit runs, or its end. */
export function doseAlert(context: PumpContext, id: string, atMs: number): PumpEvent {
  const { secondary, primaryBagMl, programme: primary } = channelOf(context, id);
  const programme = primaryBagMl === null || secondary === null ? primary : secondary.programme;
  const verdict = programme === null ? null : judgeDose(questionOf(context, id, programme), programme);
  return verdict === null || verdict.within
    ? causeGone(atMs, 'dose-out-of-range', id)
    : raiseAlarm(atMs, 'dose-out-of-range', id);
}

/** Starts or goes on with the programme at its rate. */
export function runPrimary(context: PumpContext, id: string, atMs: number): PumpContext {
  const rateMlPerH = channelOf(context, id).programme?.rateMlPerH ?? 0;
  return withDrive(context, id, atMs, rateMlPerH, remainingMl(context, id, atMs));
}

/** After the programme: the vein is kept open, never faster than the infusion ran; a model without it stops. */
export function keepVeinOpen(context: PumpContext, id: string, atMs: number): PumpContext {
  return withDrive(context, id, atMs, keepVeinOpenMlPerH(context, id), null);
}

/** The loading dose, or what is left of it. */
function runLoading(context: PumpContext, id: string, atMs: number): PumpContext {
  const { programme, interrupted } = channelOf(context, id);
  const loading = programme?.loading;
  if (loading == null) return runPrimary(context, id, atMs);
  const budgetMl = Math.min(interrupted.leftMl ?? loading.volumeMl, remainingMl(context, id, atMs));
  // What is left of an interrupted one counts again: that errs on the side of refusing the next dose.
  const counted = withDose(context, id, atMs, { volumeMl: budgetMl, rateMlPerH: loading.rateMlPerH });
  return withDrive(counted, id, atMs, loading.rateMlPerH, budgetMl);
}

function runSecondary(context: PumpContext, id: string, atMs: number): PumpContext {
  const { secondary, interrupted } = channelOf(context, id);
  if (secondary === null) return runPrimary(context, id, atMs);
  const { rateMlPerH, volumeToBeInfusedMl } = secondary.programme;
  return withDrive(context, id, atMs, rateMlPerH, interrupted.leftMl ?? volumeToBeInfusedMl);
}

/** Goes on with what was interrupted. */
export function run(context: PumpContext, id: string, atMs: number, phase: Phase): PumpContext {
  switch (phase) {
    case 'loading':
      return runLoading(context, id, atMs);
    case 'primary':
      return runPrimary(context, id, atMs);
    case 'secondary':
      return runSecondary(context, id, atMs);
    case 'keepVeinOpen':
      return keepVeinOpen(context, id, atMs);
  }
}

/** What a resume would go on with, or `null` if nothing is left to go on with. */
export function phaseToResume(context: PumpContext, id: string, atMs: number): Phase | null {
  const { interrupted } = channelOf(context, id);
  if (interrupted.phase === 'secondary') return 'secondary';
  if (remainingMl(context, id, atMs) > 0) {
    return interrupted.phase === 'loading' && (interrupted.leftMl ?? 0) > NOTHING_ML ? 'loading' : 'primary';
  }
  return keepVeinOpenMlPerH(context, id) > 0 ? 'keepVeinOpen' : null;
}

export function start(context: PumpContext, event: EventOf<'bedside.start'>): Outcome {
  const { channel: id } = event.press;
  const { programme } = channelOf(context, id);
  const calibrated = withCalibration(context, id, event.atMs);
  return {
    // A new infusion takes the place of what was kept.
    context: runLoading(withChannel(calibrated, id, { retained: null }), id, event.atMs),
    facts: [
      eventFact(event.atMs, 'infusion-started', id, {
        ...(programme === null ? {} : detailOf(programme)),
        library: programme?.drug == null ? null : libraryName(context),
        by: event.role,
      }),
    ],
    raise: [doseAlert(context, id, event.atMs)],
  };
}

/** The programme has been infused. */
export function complete(context: PumpContext, event: EventOf<'due.budget-spent'>): Outcome {
  const { channel: id, atMs } = event;
  const channel = channelOf(context, id);
  return {
    context: keepVeinOpen(context, id, atMs),
    facts: [
      eventFact(atMs, 'infusion-completed', id, {
        orderId: channel.programme?.orderId ?? null,
        deliveredMl: micro(infusedMl(channel, context, atMs)),
      }),
    ],
    raise: [raiseAlarm(atMs, 'infusion-complete', id)],
  };
}

/** What is going on in a channel, so that it can be taken up again. A bolus is given up, not taken up [GIP: cancelled on error]. */
function phaseOf({ mode, interrupted }: ChannelContext): Phase {
  switch (mode) {
    case 'loading':
    case 'secondary':
    case 'keepVeinOpen':
      return mode;
    case 'paused':
    case 'stopped':
      return interrupted.phase;
    default:
      return 'primary';
  }
}

/** Stops the motor. */
export function halt(
  context: PumpContext,
  id: string,
  atMs: number,
  event: string,
  detail: Readonly<Record<string, string | number | boolean | null>>,
): Outcome {
  const channel = channelOf(context, id);
  const cut = channel.mode === 'bolus' || channel.mode === 'pcaDose';
  const phase = phaseOf(channel);
  const leftMl =
    channel.mode === 'loading' || channel.mode === 'secondary'
      ? advance(channel.physics, context.model.line, atMs).budgetMl
      : channel.interrupted.leftMl;
  return {
    context: withChannel(withDrive(context, id, atMs, 0, null), id, { interrupted: { phase, leftMl } }),
    facts: [
      ...(cut ? [eventFact(atMs, 'bolus-cancelled', id, { kind: channel.mode })] : []),
      eventFact(atMs, event, id, { deliveredMl: micro(infusedMl(channel, context, atMs)), ...detail }),
    ],
  };
}

/** Stops the motor because of an alarm. */
export function haltByAlarm(context: PumpContext, id: string, atMs: number, alarm: AlarmName): Outcome {
  const outcome = halt(context, id, atMs, 'infusion-interrupted', { alarm });
  return {
    ...outcome,
    context: withChannel(outcome.context ?? context, id, { stopped: { by: alarm, atMs } }),
    raise: [raiseAlarm(atMs, alarm, id)],
  };
}

/** Ends the programme: nothing is left of it but the record. */
export function endProgramme(context: PumpContext, id: string, atMs: number, by: string): Outcome {
  const { programme, mode } = channelOf(context, id);
  const event = mode === 'programming' || mode === 'ready' ? 'programme-cancelled' : 'infusion-stopped';
  const outcome = halt(context, id, atMs, event, { orderId: programme?.orderId ?? null, by });
  const ended = withoutSecondary(outcome.context ?? context, id, atMs);
  return {
    ...outcome,
    context: withChannel(ended, id, {
      programme: null,
      earlierRates: earlierRates(channelOf(context, id), atMs),
      interrupted: NOTHING_INTERRUPTED,
    }),
  };
}

/** The power goes: what was running is kept for a while [GIP: at least 4 h]. */
export function losePower(context: PumpContext, id: string, atMs: number): Outcome {
  const { programme } = channelOf(context, id);
  if (programme === null) return {};
  const leftMl = remainingMl(context, id, atMs);
  const outcome = endProgramme(context, id, atMs, 'power');
  const retained = leftMl > 0 ? { programme, leftMl, atMs } : null;
  return { ...outcome, context: withChannel(outcome.context ?? context, id, { retained }) };
}

/** Takes the second bag away: the first one is the container again. */
export function withoutSecondary(context: PumpContext, id: string, atMs: number): PumpContext {
  const channel = channelOf(context, id);
  if (channel.primaryBagMl === null) return withChannel(context, id, { secondary: null });
  const physics = advance(channel.physics, context.model.line, atMs);
  const drivenMl = physics.drivenMl - (channel.secondary?.beganAtMl ?? physics.drivenMl);
  return withChannel(context, id, {
    physics: { ...physics, reservoirMl: channel.primaryBagMl },
    drivenAtStartMl: channel.drivenAtStartMl + drivenMl,
    secondary: null,
    primaryBagMl: null,
    secondaryBagMl: physics.reservoirMl > NOTHING_ML ? physics.reservoirMl : null,
  });
}

export function changeRate(
  context: PumpContext,
  id: string,
  atMs: number,
  wantedMlPerH: number,
  by: string,
): Outcome {
  const { programme, mode } = channelOf(context, id);
  if (programme === null) return {};
  const rateMlPerH = deliverableRateMlPerH(context.model, wantedMlPerH);
  const verdict = judgeNewRate(context, id, wantedMlPerH, atMs);
  const hasBegun = mode !== 'programming' && mode !== 'ready';
  const changed = withChannel(context, id, {
    programme: { ...programme, rateMlPerH, dose: doseOfRate(programme, rateMlPerH) },
    ...(hasBegun && { earlierRates: earlierRates(channelOf(context, id), atMs) }),
    toldNearEnd: false,
  });
  return {
    context: mode === 'primary' ? runPrimary(changed, id, atMs) : changed,
    facts: [
      ...overrideFacts(atMs, id, verdict, by),
      eventFact(atMs, 'rate-changed', id, { fromMlPerH: programme.rateMlPerH, toMlPerH: rateMlPerH, by }),
    ],
    // The end has moved: if it is still near, the alert comes again.
    raise: [causeGone(atMs, 'near-end', id), ...(hasBegun ? [doseAlert(changed, id, atMs)] : [])],
  };
}
