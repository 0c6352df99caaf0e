import { advance } from '../physics/index.ts';
import { channelOf, type Phase, type PumpContext } from './context.ts';
import type { Programme } from './programme.ts';
import { doseOfRate } from './programming.ts';
import { phaseToResume } from './therapy-steps.ts';
import { keepVeinOpenMlPerH } from './verdicts.ts';
import { infusedMl, NOTHING_ML, remainingMl } from './volumes.ts';

/** What a channel gives: drug, rate and volumes that belong together, whichever programme they come from. */
export interface Running {
  readonly phase: Phase | 'bolus' | 'pcaDose';
  /** `null`: none is named. */
  readonly drug: string | null;
  /** What the motor drives; before a start and in a pause what it will drive then. */
  readonly rateMlPerH: number;
  /** What that rate gives, in the unit of the programme; `null` where it gives none that is known. */
  readonly dose: Programme['dose'];
  /** Of the programme it belongs to. */
  readonly volumeToBeInfusedMl: number;
  readonly infusedMl: number;
  /** Until the programme ends; of a bolus, a demand dose and a loading dose until that ends. `null`: it has no end. */
  readonly leftMl: number | null;
  /** The same at this rate. */
  readonly leftMinutes: number | null;
}

/** Whether it ends by itself before the programme does: a bolus, a demand dose, a loading dose. */
export function endsFirst(phase: Running['phase']): phase is 'loading' | 'bolus' | 'pcaDose' {
  return phase === 'loading' || phase === 'bolus' || phase === 'pcaDose';
}

/** What runs in a channel now, is resumed after a pause, or waits for its start; `null` if nothing is programmed. */
export function runningOf(context: PumpContext, id: string, atMs: number): Running | null {
  const { mode, programme, physics } = channelOf(context, id);
  if (programme === null) return null;
  switch (mode) {
    case 'off':
    case 'standby':
      return null;
    case 'programming':
    case 'ready':
      return { ...whole(programme, 'primary'), leftMinutes: programme.durationMinutes };
    case 'paused':
    case 'stopped': {
      const phase = phaseToResume(context, id, atMs);
      return phase === null ? atAnEnd(context, id, atMs, programme) : waiting(context, id, atMs, phase);
    }
    case 'complete':
      return atAnEnd(context, id, atMs, programme);
    default:
      return inPhase(context, id, atMs, {
        phase: mode,
        rateMlPerH: physics.driveMlPerH,
        leftMl: mode === 'keepVeinOpen' ? null : advance(physics, context.model.line, atMs).budgetMl,
      });
  }
}

/** What else is programmed: a second bag that has not begun, or the first one while the second runs; `null` if nothing is. */
export function nextOf(context: PumpContext, id: string, atMs: number): Running | null {
  const { secondary, programme } = channelOf(context, id);
  if (secondary === null || programme === null) return null;
  return secondary.beganAtMl === null
    ? whole(secondary.programme, 'secondary')
    : waiting(context, id, atMs, 'primary');
}

/** A programme of which nothing has run. */
function whole(programme: Programme, phase: Phase): Running {
  const { drug, rateMlPerH, dose, volumeToBeInfusedMl, durationMinutes } = programme;
  return {
    phase,
    drug,
    rateMlPerH,
    dose,
    volumeToBeInfusedMl,
    infusedMl: 0,
    leftMl: volumeToBeInfusedMl,
    leftMinutes: durationMinutes,
  };
}

/** All of it is in, and nothing flows. */
function atAnEnd(context: PumpContext, id: string, atMs: number, programme: Programme): Running {
  return {
    ...whole(programme, 'primary'),
    rateMlPerH: 0,
    dose: null,
    infusedMl: infusedMl(channelOf(context, id), context, atMs),
    leftMl: null,
    leftMinutes: null,
  };
}

/** What a resume would drive. */
function waiting(context: PumpContext, id: string, atMs: number, phase: Phase): Running | null {
  const { programme, secondary, interrupted } = channelOf(context, id);
  const primaryLeftMl = remainingMl(context, id, atMs);
  const rateAndRest = {
    loading: () => ({
      rateMlPerH: programme?.loading?.rateMlPerH ?? 0,
      leftMl: Math.min(interrupted.leftMl ?? programme?.loading?.volumeMl ?? 0, primaryLeftMl),
    }),
    primary: () => ({ rateMlPerH: programme?.rateMlPerH ?? 0, leftMl: primaryLeftMl }),
    secondary: () => ({
      rateMlPerH: secondary?.programme.rateMlPerH ?? 0,
      leftMl: interrupted.leftMl ?? secondary?.programme.volumeToBeInfusedMl ?? 0,
    }),
    keepVeinOpen: () => ({ rateMlPerH: keepVeinOpenMlPerH(context, id), leftMl: null }),
  }[phase]();
  return inPhase(context, id, atMs, { phase, ...rateAndRest });
}

function inPhase(
  context: PumpContext,
  id: string,
  atMs: number,
  { phase, rateMlPerH, leftMl }: Pick<Running, 'phase' | 'rateMlPerH' | 'leftMl'>,
): Running | null {
  const channel = channelOf(context, id);
  const { secondary, physics } = channel;
  const isSecondary = phase === 'secondary' && secondary !== null;
  const programme = isSecondary ? secondary.programme : channel.programme;
  if (programme === null) return null;
  const { drivenMl } = advance(physics, context.model.line, atMs);
  const drives = rateMlPerH > 0;
  return {
    phase,
    drug: programme.drug,
    rateMlPerH,
    dose: drives ? doseOfRate(programme, rateMlPerH) : null,
    volumeToBeInfusedMl: programme.volumeToBeInfusedMl,
    infusedMl: isSecondary ? drivenMl - (secondary.beganAtMl ?? drivenMl) : infusedMl(channel, context, atMs),
    leftMl,
    leftMinutes: leftMl !== null && leftMl > NOTHING_ML && drives ? (leftMl / rateMlPerH) * 60 : null,
  };
}
