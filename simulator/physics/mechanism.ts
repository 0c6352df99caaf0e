/** How the mechanism of one channel errs; drawn once per pump and channel. */
export interface Mechanism {
  /** Steady error, as a share of the rate. */
  readonly biasShare: number;
  /** Swing within one turn, as a share of the rate. */
  readonly periodicShare: number;
  /** What one turn drives, in mL. */
  readonly turnMl: number;
  /** Where in its turn the mechanism began, in radians. */
  readonly phaseRad: number;
  /** Play that a new set or syringe takes up, as the constant of an exponential in driven mL. */
  readonly slackMl: number;
}

/** The largest errors of a pump model. */
export interface AccuracyParameters {
  readonly biasShare: number;
  readonly periodicShare: number;
  readonly turnMl: number;
  readonly slackMl: number;
}

/** Moves what it drives. */
export const EXACT_MECHANISM: Mechanism = {
  biasShare: 0,
  periodicShare: 0,
  turnMl: 1,
  phaseRad: 0,
  slackMl: 0,
};

/** The parts of a channel that decide how much it moves. */
export interface Movement {
  readonly mechanism: Mechanism;
  /** Share of what it should move that the mechanism really moves; 1 as it should, 0 when it slips altogether. */
  readonly share: number;
  /** All that the motor ever drove: the position of the mechanism. */
  readonly drivenMl: number;
  /** Driven since the set or syringe was loaded. */
  readonly settledMl: number;
}

/** The error of one mechanism within the maxima of its model; always four numbers of `random`. */
export function drawMechanism(
  accuracy: AccuracyParameters,
  random: { between(from: number, to: number): number },
): Mechanism {
  return {
    biasShare: random.between(-accuracy.biasShare, accuracy.biasShare),
    periodicShare: accuracy.periodicShare * random.between(0.3, 1),
    turnMl: accuracy.turnMl,
    phaseRad: random.between(0, 2 * Math.PI),
    slackMl: accuracy.slackMl * random.between(0.5, 1),
  };
}

/** After so many times its play a set delivers in full: what is missing is below the rounding of a double. */
const SETTLED_AFTER = 40;
/** How exactly the inverse finds a volume, in mL. */
const INVERSE_ML = 1e-10;

/** Share of the flow that is missing at the start; as much as leaves no mechanism driving backwards. */
function missingShare({ periodicShare, biasShare }: Mechanism): number {
  return Math.max(0, 1 - periodicShare - Math.abs(biasShare));
}

/** Whether it moves in proportion to what it drives, from here on. */
export function isSteady({ mechanism, share, settledMl }: Movement): boolean {
  if (share === 0) return true;
  const { periodicShare, slackMl } = mechanism;
  return periodicShare === 0 && settledMl >= slackMl * SETTLED_AFTER;
}

/** What a steady mechanism moves per mL driven; of any other the mean when it has settled. */
export function steadyShare({ mechanism, share }: Movement): number {
  return share * (1 + mechanism.biasShare);
}

/** What it moves at this very position per mL driven, never below 0. */
export function momentaryShare(movement: Movement): number {
  if (isSteady(movement)) return steadyShare(movement);
  const { mechanism, share, drivenMl, settledMl } = movement;
  const { biasShare, periodicShare, turnMl, phaseRad, slackMl } = mechanism;
  const swing = periodicShare * Math.cos((2 * Math.PI * drivenMl) / turnMl + phaseRad);
  const missing = slackMl > 0 ? missingShare(mechanism) * Math.exp(-settledMl / slackMl) : 0;
  return Math.max(0, share * (1 + biasShare + swing - missing));
}

/** What it really moves while the motor drives `byMl` more, in mL; it never falls with `byMl`. */
export function movedMl(movement: Movement, byMl: number): number {
  if (isSteady(movement)) return byMl * steadyShare(movement);
  const { mechanism, share, drivenMl, settledMl } = movement;
  const { biasShare, periodicShare, turnMl, phaseRad, slackMl } = mechanism;
  // Differences as products: small steps far from the origin lose no digits.
  const radPerMl = (2 * Math.PI) / turnMl;
  const swingMl =
    ((2 * periodicShare) / radPerMl) *
    Math.cos(radPerMl * (drivenMl + byMl / 2) + phaseRad) *
    Math.sin((radPerMl * byMl) / 2);
  const missingMl =
    slackMl > 0
      ? -missingShare(mechanism) * slackMl * Math.exp(-settledMl / slackMl) * Math.expm1(-byMl / slackMl)
      : 0;
  return Math.max(0, share * (byMl * (1 + biasShare) + swingMl - missingMl));
}

/**
 * What the motor must drive until `volumeMl` has really moved, in mL: the inverse of `movedMl`, by Newton's method
 * within a bracket. Never short of it, at most 1e-10 mL beyond it; infinite if nothing moves.
 */
export function drivenForMl(movement: Movement, volumeMl: number): number {
  if (!(volumeMl > 0)) return 0;
  if (isSteady(movement) || volumeMl === Number.POSITIVE_INFINITY) return volumeMl / steadyShare(movement);
  const { mechanism } = movement;
  const evenMl = volumeMl / steadyShare(movement);
  const swingMl = (mechanism.periodicShare * mechanism.turnMl) / Math.PI / (1 + mechanism.biasShare);
  const slackMl = (missingShare(mechanism) * mechanism.slackMl) / (1 + mechanism.biasShare);
  let low = Math.max(0, evenMl - swingMl - INVERSE_ML);
  let high = evenMl + swingMl + slackMl + INVERSE_ML;
  let tryMl = Math.min(evenMl, high);
  while (high - low > INVERSE_ML) {
    const missingMl = volumeMl - movedMl(movement, tryMl);
    if (missingMl > 0) low = tryMl;
    else high = tryMl;
    const slope = momentaryShare({
      ...movement,
      drivenMl: movement.drivenMl + tryMl,
      settledMl: movement.settledMl + tryMl,
    });
    // A little beyond the root, so that the bracket closes from both sides.
    const newtonMl = tryMl + missingMl / slope + (missingMl > 0 ? INVERSE_ML / 4 : -INVERSE_ML / 4);
    const within = newtonMl > low && newtonMl < high;
    const next = within ? newtonMl : (low + high) / 2;
    // Beyond the digits of a double there is nothing between the ends.
    if (next === low || next === high) break;
    tryMl = next;
  }
  return high;
}
