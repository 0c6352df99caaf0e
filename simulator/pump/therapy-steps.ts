import { advance } from '../physics/index.ts';
import { type AlarmName, stoppingAlarm } from './alarms.ts';
import {
  type ChannelContext,
  channelOf,
  type EarlierRates,
  NOTHING_INTERRUPTED,
  type Phase,
  type PumpContext,
  type TherapyMode,
  withChannel,
  withDrive,
} from './context.ts';
import type { EventOf, PumpEvent } from './events.ts';
import type { Fact } from './facts.ts';
import { FAULT_KINDS } from './faults.ts';
import {
  airLimitMicroL,
  deliverableRateMlPerH,
  highestMechanicalRateMlPerH,
  judgeContinuous,
  judgeDemand,
  judgeProgramme,
  judgeRate,
  keepVeinOpenRateMlPerH,
  type LimitQuestion,
  type LimitVerdict,
} from './limits.ts';
import type { Programme } from './programme.ts';
import { doseOfRate } from './programming.ts';
import { eventFact, type Outcome } from './step.ts';

const MS_PER_H = 3_600_000;

/** The longest window of an accumulated limit. */
const LONGEST_WINDOW_MS = 4 * MS_PER_H;

/** Volumes below this are rounding errors: a picolitre. */
const NOTHING_ML = 1e-9;

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

/** What a drug on a channel of this pump is to be judged by. */
export function questionOf(context: PumpContext, id: string, programme: Programme | null): LimitQuestion {
  return {
    model: context.model,
    library: context.library.inUse,
    drug: programme?.drug ?? null,
    concentration: programme?.concentration ?? null,
    weightKg: programme?.weightKg ?? null,
    syringeMl: channelOf(context, id).syringeMl,
  };
}

/** The motor's total until which it drove for the primary: a secondary that began does not count. */
function primaryUntilMl(channel: ChannelContext, drivenMl: number): number {
  return channel.secondary?.beganAtMl ?? drivenMl;
}

/** What was infused of the programme at an instant, in mL, as the pump counts it. */
export function infusedMl(channel: ChannelContext, context: PumpContext, atMs: number): number {
  if (channel.programme === null) return 0;
  const { drivenMl } = advance(channel.physics, context.model.line, atMs);
  return Math.max(0, primaryUntilMl(channel, drivenMl) - channel.drivenAtStartMl);
}

/** What is left of the programme at an instant, in mL; 0 without a programme. */
export function remainingMl(context: PumpContext, id: string, atMs: number): number {
  const channel = channelOf(context, id);
  if (channel.programme === null) return 0;
  const leftMl = channel.programme.volumeToBeInfusedMl - infusedMl(channel, context, atMs);
  return leftMl > NOTHING_ML ? leftMl : 0;
}

/** What stands in the way of a start, or `null`. */
export function obstacle(context: PumpContext, id: string, atMs: number): string | null {
  const channel = channelOf(context, id);
  const alarm = stoppingAlarm(context.alarms, id);
  if (alarm !== undefined) return `the alarm ${alarm.alarm} is active`;
  const [fault] = channel.faults;
  if (fault !== undefined) return FAULT_KINDS[fault].text;
  const { reservoirMl, airMicroL } = advance(channel.physics, context.model.line, atMs);
  if (airMicroL > airLimitOf(context, id)) return 'there is air in the line';
  if (!(reservoirMl > NOTHING_ML)) return 'the reservoir is empty';
  return isTooFastForSyringe(context, id)
    ? `the syringe of ${channel.syringeMl} mL is too small for the rate`
    : null;
}

/** Whether a smaller syringe has been put in since the rate was judged. */
export function isTooFastForSyringe(context: PumpContext, id: string): boolean {
  const { programme, syringeMl } = channelOf(context, id);
  const fastestMlPerH = Math.max(programme?.rateMlPerH ?? 0, programme?.loading?.rateMlPerH ?? 0);
  return fastestMlPerH > highestMechanicalRateMlPerH({ model: context.model, syringeMl });
}

/** The air that a channel lets pass, in µL: its setting, or less where the care area asks for it. */
export function airLimitOf(context: PumpContext, id: string): number {
  const channel = channelOf(context, id);
  return airLimitMicroL(questionOf(context, id, channel.programme), channel.settings.airLimitMicroL);
}

/** Soft limits do not stop the entry of a programme; they are shown, and `confirm` has to pass them. */
export function judgeEntry(context: PumpContext, id: string, programme: Programme): LimitVerdict {
  const verdict = judgeProgramme(questionOf(context, id, programme), programme);
  return !verdict.within && verdict.limit === 'soft' ? { within: true } : verdict;
}

/** The verdict on the programme that waits for confirmation. */
export function judgeWaiting(context: PumpContext, id: string, atMs: number): LimitVerdict {
  const { programme, doses, earlierRates } = channelOf(context, id);
  if (programme === null) return { within: false, limit: 'hard', reason: 'nothing is programmed' };
  const { pca, loading, rateMlPerH } = programme;
  const accumulated =
    pca === null || loading === null
      ? judgeContinuous(pca, doses, rateMlPerH, atMs)
      : judgeDemand(
          { ...pca, demandDoseMl: loading.volumeMl, lockoutMinutes: 0 },
          context.model.title,
          { continuousMlPerH: rateMlPerH, earlierRates, doses },
          atMs,
        );
  return accumulated.within ? judgeProgramme(questionOf(context, id, programme), programme) : accumulated;
}

/** The verdict on a new rate of the present programme. */
export function judgeNewRate(
  context: PumpContext,
  id: string,
  rateMlPerH: number,
  atMs: number,
): LimitVerdict {
  // Commands come from sockets too.
  if (typeof rateMlPerH !== 'number')
    return { within: false, limit: 'hard', reason: 'the rate is not a number' };
  const { programme, doses } = channelOf(context, id);
  const deliverable = deliverableRateMlPerH(context.model, rateMlPerH);
  const accumulated = judgeContinuous(programme?.pca ?? null, doses, deliverable, atMs);
  if (!accumulated.within) return accumulated;
  const question = questionOf(context, id, programme);
  // A rate can pass a hard limit of the whole programme, such as its shortest duration. Its soft ones were passed at its start.
  const whole =
    programme === null ? accumulated : judgeProgramme(question, { ...programme, rateMlPerH: deliverable });
  return !whole.within && whole.limit === 'hard' ? whole : judgeRate(question, deliverable);
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
      toldNearEnd: false,
      toldReservoirLow: false,
    }),
    facts: [eventFact(atMs, 'programmed', id, { ...detailOf(programme), ...detail })],
  };
}

/** Takes up what the pump kept when its power went. */
export function recall(context: PumpContext, event: EventOf<'bedside.recall'>): Outcome {
  const { channel: id } = event.press;
  const { retained } = channelOf(context, id);
  if (retained === null) return {};
  const rest = restOf(retained);
  const outcome = enterProgramme(context, id, event.atMs, rest, { by: event.role, recalled: true });
  return { ...outcome, context: withChannel(outcome.context ?? context, id, { retained: null }) };
}

/** What is left of a retained programme. A loading dose is not taken up again. */
export function restOf({ programme, leftMl }: NonNullable<ChannelContext['retained']>): Programme {
  return {
    ...programme,
    volumeToBeInfusedMl: leftMl,
    durationMinutes: (leftMl / programme.rateMlPerH) * 60,
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

/** The record of a soft limit that somebody passes on purpose. */
export function overrideFacts(atMs: number, id: string, verdict: LimitVerdict, by: string): readonly Fact[] {
  if (verdict.within) return [];
  return [eventFact(atMs, 'soft-limit-overridden', id, { reason: verdict.reason, by })];
}

/** The alert that a rate beyond a soft limit runs, or its end. */
function doseAlert(context: PumpContext, id: string, atMs: number): PumpEvent {
  const { programme } = channelOf(context, id);
  const verdict = judgeRate(questionOf(context, id, programme), programme?.rateMlPerH ?? 0);
  return verdict.within
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

/** 0: the channel stops when it is complete. */
export function keepVeinOpenMlPerH(context: PumpContext, id: string): number {
  const { programme, settings } = channelOf(context, id);
  return keepVeinOpenRateMlPerH(
    questionOf(context, id, programme),
    settings.keepVeinOpenMlPerH,
    programme?.rateMlPerH ?? 0,
  );
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

/** Counts a dose of a PCA pump towards the accumulated limit; what no window reaches any more is forgotten. */
export function withDose(
  context: PumpContext,
  id: string,
  atMs: number,
  { volumeMl, rateMlPerH }: { readonly volumeMl: number; readonly rateMlPerH: number },
): PumpContext {
  const { programme, doses } = channelOf(context, id);
  if (programme?.pca == null) return context;
  const recent = doses.filter(({ untilMs }) => untilMs > atMs - LONGEST_WINDOW_MS);
  const untilMs = atMs + (volumeMl / rateMlPerH) * MS_PER_H;
  return withChannel(context, id, { doses: [...recent, { atMs, volumeMl, untilMs }] });
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
  return {
    // A new infusion takes the place of what was kept.
    context: runLoading(withChannel(context, id, { retained: null }), id, event.atMs),
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
  const changed = withChannel(context, id, {
    programme: { ...programme, rateMlPerH, dose: doseOfRate(programme, rateMlPerH) },
    earlierRates: earlierRates(channelOf(context, id), atMs),
    toldNearEnd: false,
  });
  return {
    context: mode === 'primary' ? runPrimary(changed, id, atMs) : changed,
    facts: [
      ...overrideFacts(atMs, id, verdict, by),
      eventFact(atMs, 'rate-changed', id, { fromMlPerH: programme.rateMlPerH, toMlPerH: rateMlPerH, by }),
    ],
    // The end has moved: if it is still near, the alert comes again.
    raise: [causeGone(atMs, 'near-end', id), doseAlert(changed, id, atMs)],
  };
}

/** The continuous rates that a PCA pump ran before the one that ends now: what flowed then still counts. */
function earlierRates({ programme, earlierRates: earlier }: ChannelContext, atMs: number): EarlierRates {
  if (programme?.pca == null) return earlier;
  const recent = earlier.filter(({ untilMs }) => untilMs > atMs - LONGEST_WINDOW_MS);
  return [...recent, { untilMs: atMs, rateMlPerH: programme.rateMlPerH }];
}

/** The library in use as `id version`, or `null`. */
export function libraryName(context: PumpContext): string | null {
  const { inUse } = context.library;
  return inUse === null ? null : `${inUse.id} ${inUse.version}`;
}

/** A programme for the log: flat, and without what it does not have. */
export function detailOf(programme: Programme): Readonly<Record<string, string | number | null>> {
  const { orderId, drug, rateMlPerH, volumeToBeInfusedMl, dose, weightKg, loading, pca } = programme;
  return {
    orderId,
    drug,
    rateMlPerH,
    volumeToBeInfusedMl: micro(volumeToBeInfusedMl),
    ...(dose === null ? {} : { dose: Number(dose.value.toPrecision(6)), doseUnit: dose.unit }),
    ...(weightKg === null ? {} : { weightKg }),
    ...(loading === null ? {} : { loadingMl: loading.volumeMl, loadingMlPerH: loading.rateMlPerH }),
    ...(pca === null
      ? {}
      : {
          demandDoseMl: pca.demandDoseMl,
          lockoutMinutes: pca.lockoutMinutes,
          accumulatedLimitMl: pca.accumulatedLimitMl,
          accumulatedWindowHours: pca.accumulatedWindowHours,
        }),
  };
}

/** Rounds a volume to a microlitre for the log. */
export function micro(volumeMl: number): number {
  return Math.round(volumeMl * 1_000) / 1_000;
}
