import { channelOf, type PumpContext, withDrive } from './context.ts';
import type { EventOf } from './events.ts';
import type { LimitVerdict } from './limit-verdict.ts';
import { highestRateMlPerH, judgeBolus } from './limits.ts';
import { withDose } from './pca-account.ts';
import { judgeDemand } from './pca-limits.ts';
import { overrideFacts } from './programme-record.ts';
import { eventFact, type Outcome } from './step.ts';
import { runPrimary } from './therapy-steps.ts';
import { questionOf } from './verdicts.ts';
import { remainingMl } from './volumes.ts';

/** The verdict on a clinician's bolus; on a PCA pump it counts towards the accumulated limit, and knows no lockout. */
export function judgeBolusOf(
  context: PumpContext,
  event: EventOf<'bedside.bolus' | 'remote.bolus'>,
): LimitVerdict {
  const { channel: id, volumeMl } = bolusAsked(event);
  const { programme, doses, earlierRates } = channelOf(context, id);
  if (typeof volumeMl !== 'number') return { within: false, limit: 'hard', reason: 'a bolus is a volume' };
  const verdict = judgeBolus(questionOf(context, id, programme), volumeMl);
  if ((!verdict.within && verdict.limit === 'hard') || programme?.pca == null) return verdict;
  const accumulated = judgeDemand(
    { ...programme.pca, demandDoseMl: volumeMl, lockoutMinutes: 0 },
    context.model.title,
    { continuousMlPerH: programme.rateMlPerH, earlierRates, doses },
    event.atMs,
  );
  return accumulated.within ? verdict : accumulated;
}

/** What a bolus is asked for, at the bedside or from afar. */
function bolusAsked(event: EventOf<'bedside.bolus' | 'remote.bolus'>): {
  readonly channel: string;
  readonly volumeMl: number;
  readonly by: string;
} {
  return event.type === 'remote.bolus' ? { ...event, by: 'remote' } : { ...event.press, by: event.role };
}

/** The verdict on a press of the patient's button. */
export function judgeDemandOf(context: PumpContext, event: EventOf<'bedside.pca-demand'>): LimitVerdict {
  const { programme, doses, earlierRates } = channelOf(context, event.press.channel);
  return judgeDemand(
    programme?.pca ?? null,
    context.model.title,
    { continuousMlPerH: programme?.rateMlPerH ?? 0, earlierRates, doses },
    event.atMs,
  );
}

/** A bolus is part of the programme: it never takes more than what is left of it. */
export function startBolus(context: PumpContext, event: EventOf<'bedside.bolus' | 'remote.bolus'>): Outcome {
  const { channel: id, volumeMl, by } = bolusAsked(event);
  const budgetMl = Math.min(volumeMl, remainingMl(context, id, event.atMs));
  const rateMlPerH = bolusRateMlPerH(context, id, context.model.bolus?.rateMlPerH ?? 0);
  const counted = withDose(context, id, event.atMs, { volumeMl: budgetMl, rateMlPerH });
  return {
    context: withDrive(counted, id, event.atMs, rateMlPerH, budgetMl),
    facts: [
      ...overrideFacts(event.atMs, id, judgeBolusOf(context, event), by),
      eventFact(event.atMs, 'bolus-started', id, { volumeMl: budgetMl, by }),
    ],
  };
}

export function startDemandDose(context: PumpContext, event: EventOf<'bedside.pca-demand'>): Outcome {
  const { channel: id } = event.press;
  const { pca } = context.model;
  const settings = channelOf(context, id).programme?.pca;
  if (pca === null || settings == null) return {};
  const { atMs } = event;
  const volumeMl = Math.min(settings.demandDoseMl, remainingMl(context, id, atMs));
  const rateMlPerH = bolusRateMlPerH(context, id, pca.doseRateMlPerH);
  return {
    context: withDrive(withDose(context, id, atMs, { volumeMl, rateMlPerH }), id, atMs, rateMlPerH, volumeMl),
    facts: [eventFact(atMs, 'pca-dose-started', id, { volumeMl })],
  };
}

/** A bolus runs at the model's own rate, or slower where syringe or care area ask for it. */
function bolusRateMlPerH(context: PumpContext, id: string, ownMlPerH: number): number {
  return Math.min(ownMlPerH, highestRateMlPerH(questionOf(context, id, channelOf(context, id).programme)));
}

/** The bolus is in; the infusion goes on. */
export function endBolus(context: PumpContext, event: EventOf<'due.budget-spent'>): Outcome {
  const { channel: id, atMs } = event;
  const what = channelOf(context, id).mode === 'pcaDose' ? 'pca-dose-completed' : 'bolus-completed';
  return { context: runPrimary(context, id, atMs), facts: [eventFact(atMs, what, id)] };
}
