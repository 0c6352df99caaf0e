import { channelOf, type PumpContext, withChannel, withDrive } from './context.ts';
import type { EventOf } from './events.ts';
import { judgeBolus, judgeDemand, type LimitVerdict } from './limits.ts';
import { eventFact, type Outcome } from './step.ts';
import { questionOf, remainingMl, runPrimary } from './therapy-steps.ts';

/** The verdict on a clinician's bolus. */
export function judgeBolusOf(context: PumpContext, event: EventOf<'bedside.bolus'>): LimitVerdict {
  const drug = channelOf(context, event.press.channel).programme?.drug ?? null;
  return judgeBolus(questionOf(context, drug), event.press.volumeMl);
}

/** The verdict on a press of the patient's button. */
export function judgeDemandOf(context: PumpContext, event: EventOf<'bedside.pca-demand'>): LimitVerdict {
  const channel = channelOf(context, event.press.channel);
  return judgeDemand(
    context.model,
    { continuousMlPerH: channel.programme?.rateMlPerH ?? 0, doses: channel.demandDoses },
    event.atMs,
  );
}

/** A bolus is part of the programme: it never takes more than what is left of it. */
export function startBolus(context: PumpContext, event: EventOf<'bedside.bolus'>): Outcome {
  const { channel: id, volumeMl } = event.press;
  const budgetMl = Math.min(volumeMl, remainingMl(context, id, event.atMs));
  return {
    context: withDrive(context, id, event.atMs, context.model.bolus?.rateMlPerH ?? 0, budgetMl),
    facts: [eventFact(event.atMs, 'bolus-started', id, { volumeMl: budgetMl, by: event.role })],
  };
}

export function startDemandDose(context: PumpContext, event: EventOf<'bedside.pca-demand'>): Outcome {
  const { pca } = context.model;
  const { channel: id } = event.press;
  if (pca === null) return {};
  const { atMs } = event;
  const volumeMl = Math.min(pca.demandDoseMl, remainingMl(context, id, atMs));
  const oldestMs = atMs - pca.accumulatedWindowHours * 3_600_000;
  const doses = channelOf(context, id).demandDoses.filter((dose) => dose.atMs > oldestMs);
  const counted = withChannel(context, id, { demandDoses: [...doses, { atMs, volumeMl }] });
  return {
    context: withDrive(counted, id, atMs, pca.doseRateMlPerH, volumeMl),
    facts: [eventFact(atMs, 'pca-dose-started', id, { volumeMl })],
  };
}

/** The bolus is in; the infusion goes on. */
export function endBolus(context: PumpContext, event: EventOf<'due.budget-spent'>): Outcome {
  const { channel: id, atMs } = event;
  const what = channelOf(context, id).mode === 'pcaDose' ? 'pca-dose-completed' : 'bolus-completed';
  return { context: runPrimary(context, id, atMs), facts: [eventFact(atMs, what, id)] };
}
