import { advance } from '../physics/index.ts';
import { type AlarmName, stoppingAlarm } from './alarms.ts';
import type { Programme } from './bedside.ts';
import {
  type ChannelContext,
  channelOf,
  type PumpContext,
  type TherapyMode,
  withChannel,
  withDrive,
} from './context.ts';
import type { EventOf, PumpEvent } from './events.ts';
import {
  deliverableRateMlPerH,
  judgeProgramme,
  judgeRate,
  type LimitQuestion,
  type LimitVerdict,
} from './limits.ts';
import { eventFact, type Outcome } from './step.ts';

/** Volumes below this are rounding errors: a picolitre. */
const NOTHING_ML = 1e-9;

/** In which modes an alarm of a channel still has its reason; it ends on entering any other. */
const REASON_MODES: Partial<Record<AlarmName, readonly TherapyMode[]>> = {
  idle: ['programming', 'ready'],
  'input-waiting': ['paused', 'stopped'],
  'infusion-complete': ['keepVeinOpen', 'complete', 'paused', 'stopped'],
  'near-end': ['primary', 'bolus', 'pcaDose', 'paused', 'stopped'],
  'reservoir-low': ['primary', 'bolus', 'pcaDose', 'keepVeinOpen', 'paused', 'stopped'],
};

const WAITING_MODES: readonly TherapyMode[] = ['programming', 'ready', 'paused', 'stopped'];

/** What every state of a channel does on entry: it copies itself into the context and ends alarms that are over. */
export function enterMode(context: PumpContext, event: PumpEvent, id: string, mode: TherapyMode): Outcome {
  const over = context.alarms.filter(
    (held) => held.channel === id && REASON_MODES[held.alarm]?.includes(mode) === false,
  );
  return {
    context: withChannel(context, id, {
      mode,
      waitingSinceMs: WAITING_MODES.includes(mode) ? event.atMs : null,
      toldIdle: false,
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

/** What a channel of this pump is to be judged by. */
export function questionOf(context: PumpContext, drug: string | null): LimitQuestion {
  return { model: context.model, library: context.library.inUse, drug };
}

/** What is left of the programme at an instant, in mL; 0 without a programme. */
export function remainingMl(context: PumpContext, id: string, atMs: number): number {
  const channel = channelOf(context, id);
  if (channel.programme === null) return 0;
  const { drivenMl } = advance(channel.physics, context.model.line, atMs);
  const leftMl = channel.programme.volumeToBeInfusedMl - (drivenMl - channel.drivenAtStartMl);
  return leftMl > NOTHING_ML ? leftMl : 0;
}

/** What was infused of the programme at an instant, in mL, as the pump counts it. */
export function infusedMl(channel: ChannelContext, context: PumpContext, atMs: number): number {
  if (channel.programme === null) return 0;
  return Math.max(0, advance(channel.physics, context.model.line, atMs).drivenMl - channel.drivenAtStartMl);
}

/** What stands in the way of a start, or `null`. */
export function obstacle(context: PumpContext, id: string, atMs: number): string | null {
  const channel = channelOf(context, id);
  const alarm = stoppingAlarm(context.alarms, id);
  if (alarm !== undefined) return `the alarm ${alarm.alarm} is active`;
  if (channel.doorOpen) return 'the door is open';
  if (channel.airMicroL > context.model.airLimitMicroL) return 'there is air in the line';
  const { reservoirMl } = advance(channel.physics, context.model.line, atMs);
  return reservoirMl > NOTHING_ML ? null : 'the reservoir is empty';
}

/** The programme as the pump will run it: the rate in the model's steps. */
export function rounded(context: PumpContext, programme: Programme): Programme {
  return { ...programme, rateMlPerH: deliverableRateMlPerH(context.model, programme.rateMlPerH) };
}

/** Soft limits do not stop the entry of a programme; they are shown, and `confirm` has to pass them. */
export function judgeEntry(context: PumpContext, programme: Programme): LimitVerdict {
  const verdict = judgeProgramme(questionOf(context, programme.drug), rounded(context, programme));
  return !verdict.within && verdict.limit === 'soft' ? { within: true } : verdict;
}

/** The verdict on the programme that waits for confirmation. */
export function judgeWaiting(context: PumpContext, id: string): LimitVerdict {
  const { programme } = channelOf(context, id);
  if (programme === null) return { within: false, limit: 'hard', reason: 'nothing is programmed' };
  return judgeProgramme(questionOf(context, programme.drug), programme);
}

/** The verdict on a new rate of the present programme. */
export function judgeNewRate(context: PumpContext, id: string, rateMlPerH: number): LimitVerdict {
  const drug = channelOf(context, id).programme?.drug ?? null;
  return judgeRate(questionOf(context, drug), deliverableRateMlPerH(context.model, rateMlPerH));
}

export function enterProgramme(context: PumpContext, event: EventOf<'bedside.programme'>): Outcome {
  const { channel: id } = event.press;
  const programme = rounded(context, event.press.programme);
  const { physics } = channelOf(context, id);
  return {
    context: withChannel(context, id, {
      programme,
      drivenAtStartMl: advance(physics, context.model.line, event.atMs).drivenMl,
      toldNearEnd: false,
      toldReservoirLow: false,
    }),
    facts: [eventFact(event.atMs, 'programmed', id, { ...programme, by: event.role })],
  };
}

export function confirmProgramme(context: PumpContext, event: EventOf<'bedside.confirm'>): Outcome {
  const { channel: id } = event.press;
  const verdict = judgeWaiting(context, id);
  return {
    facts: [
      ...overrideFacts(event.atMs, id, verdict, event.role),
      eventFact(event.atMs, 'programme-confirmed', id, { by: event.role, library: libraryName(context) }),
    ],
  };
}

/** The record of a soft limit that somebody passes on purpose. */
export function overrideFacts(atMs: number, id: string, verdict: LimitVerdict, by: string) {
  if (verdict.within) return [];
  return [eventFact(atMs, 'soft-limit-overridden', id, { reason: verdict.reason, by })];
}

/** Starts or goes on with the programme at its rate. */
export function runPrimary(context: PumpContext, id: string, atMs: number): PumpContext {
  const rateMlPerH = channelOf(context, id).programme?.rateMlPerH ?? 0;
  return withDrive(context, id, atMs, rateMlPerH, remainingMl(context, id, atMs));
}

export function start(context: PumpContext, event: EventOf<'bedside.start'>): Outcome {
  const { channel: id } = event.press;
  const { programme } = channelOf(context, id);
  return {
    context: runPrimary(context, id, event.atMs),
    facts: [
      eventFact(event.atMs, 'infusion-started', id, {
        ...programme,
        library: programme?.drug == null ? null : libraryName(context),
        by: event.role,
      }),
    ],
  };
}

/** After the programme: the vein is kept open, never faster than the infusion ran; a model without it stops. */
export function keepVeinOpen(context: PumpContext, id: string, atMs: number): PumpContext {
  const rateMlPerH = channelOf(context, id).programme?.rateMlPerH ?? 0;
  return withDrive(context, id, atMs, Math.min(context.model.keepVeinOpenMlPerH, rateMlPerH), null);
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

/** Stops the motor. A bolus under way is given up, not taken up again [GIP: cancelled on error]. */
export function halt(
  context: PumpContext,
  id: string,
  atMs: number,
  event: string,
  detail: Readonly<Record<string, string | number | boolean | null>>,
): Outcome {
  const channel = channelOf(context, id);
  const cut = channel.mode === 'bolus' || channel.mode === 'pcaDose';
  return {
    context: withDrive(context, id, atMs, 0, null),
    facts: [
      ...(cut ? [eventFact(atMs, 'bolus-cancelled', id, { kind: channel.mode })] : []),
      eventFact(atMs, event, id, { deliveredMl: micro(infusedMl(channel, context, atMs)), ...detail }),
    ],
  };
}

/** Stops the motor because of an alarm. */
export function haltByAlarm(context: PumpContext, id: string, atMs: number, alarm: AlarmName): Outcome {
  return {
    ...halt(context, id, atMs, 'infusion-interrupted', { alarm }),
    raise: [raiseAlarm(atMs, alarm, id)],
  };
}

/** Ends the programme: nothing is left of it but the record. */
export function endProgramme(context: PumpContext, id: string, atMs: number, by: string): Outcome {
  const { programme, mode } = channelOf(context, id);
  const event = mode === 'programming' || mode === 'ready' ? 'programme-cancelled' : 'infusion-stopped';
  const outcome = halt(context, id, atMs, event, { orderId: programme?.orderId ?? null, by });
  return { ...outcome, context: withChannel(outcome.context ?? context, id, { programme: null }) };
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
  const verdict = judgeNewRate(context, id, wantedMlPerH);
  const changed = withChannel(context, id, { programme: { ...programme, rateMlPerH }, toldNearEnd: false });
  return {
    context: mode === 'primary' ? runPrimary(changed, id, atMs) : changed,
    facts: [
      ...overrideFacts(atMs, id, verdict, by),
      eventFact(atMs, 'rate-changed', id, { fromMlPerH: programme.rateMlPerH, toMlPerH: rateMlPerH, by }),
    ],
    // The end has moved: if it is still near, the alert comes again.
    raise: [causeGone(atMs, 'near-end', id)],
  };
}

/** The library in use as `id version`, or `null`. */
export function libraryName(context: PumpContext): string | null {
  const { inUse } = context.library;
  return inUse === null ? null : `${inUse.id} ${inUse.version}`;
}

/** Rounds a volume to a microlitre for the log. */
export function micro(volumeMl: number): number {
  return Math.round(volumeMl * 1_000) / 1_000;
}
