import { advance } from '../physics/index.ts';
import { stoppingAlarm } from './alarms.ts';
import { channelOf, type PumpContext } from './context.ts';
import { FAULT_KINDS } from './faults.ts';
import type { LimitVerdict } from './limit-verdict.ts';
import {
  airLimitMicroL,
  deliverableRateMlPerH,
  highestMechanicalRateMlPerH,
  judgeProgramme,
  judgeRate,
  keepVeinOpenRateMlPerH,
  type LimitQuestion,
} from './limits.ts';
import { judgeContinuous, judgeDemand } from './pca-limits.ts';
import type { Programme, ProgrammeEntry } from './programme.ts';
import { resolveProgramme } from './programming.ts';
import { NOTHING_ML, remainingMl } from './volumes.ts';

/** Works out what somebody keys in on a channel. */
export function resolveEntry(context: PumpContext, id: string, entry: ProgrammeEntry) {
  const { syringeMl } = channelOf(context, id);
  return resolveProgramme({ model: context.model, library: context.library.inUse, syringeMl }, entry);
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
    noLimits: context.lacks.includes('dose-limits'),
  };
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
  const { programme, doses, primaryBagMl } = channelOf(context, id);
  // Whoever turns the rate now means the bag that runs, and would change the other.
  if (primaryBagMl !== null)
    return { within: false, limit: 'hard', reason: 'the rate of a second bag cannot be changed' };
  if (programme !== null && !(remainingMl(context, id, atMs) > 0))
    return { within: false, limit: 'hard', reason: 'the infusion is complete' };
  const { min, max } = context.model.rateMlPerH;
  const stopsByRate = rateMlPerH === 0 && programme?.pca != null;
  // Before it is rounded: a rate outside of the range is never rounded into it.
  if (!stopsByRate && !(rateMlPerH >= min && rateMlPerH <= max))
    return {
      within: false,
      limit: 'hard',
      reason: `the rate ${rateMlPerH} mL/h is not within ${min}–${max} mL/h`,
    };
  const deliverable = deliverableRateMlPerH(context.model, rateMlPerH);
  const accumulated = judgeContinuous(programme?.pca ?? null, doses, deliverable, atMs);
  if (!accumulated.within) return accumulated;
  const question = questionOf(context, id, programme);
  // Limits of the whole programme too, such as its shortest duration: a titration passes a soft one on purpose, each time anew.
  return programme === null
    ? judgeRate(question, deliverable)
    : judgeProgramme(question, { ...programme, rateMlPerH: deliverable });
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
