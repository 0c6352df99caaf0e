import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../clock/index.ts';
import {
  advance,
  type ChannelPhysics,
  drawMechanism,
  type LineParameters,
  openSupply,
  restingChannel,
} from '../../../simulator/physics/index.ts';

const LINE: LineParameters = {
  complianceMlPerMmHg: 0.0008,
  backPressureMmHg: 15,
  resistanceMmHgPerMlPerH: 0.12,
  stallMmHg: 1_034,
  supplyMl: 0.25,
};
const HOUR_MS = 3_600_000;
const DURATION_MS = 72 * HOUR_MS;
const TOLERANCE_ML = 0.01;

type Fine = { -readonly [K in keyof ChannelPhysics]: ChannelPhysics[K] };

/**
 * What a mechanism moves per mL that its motor drives, as a rate at one position: the description that the closed
 * forms were integrated from, written down a second time.
 */
function movesPerMl(at: Fine): number {
  const { biasShare, periodicShare, turnMl, phaseRad, slackMl } = at.mechanism;
  const swing = periodicShare * Math.cos((at.drivenMl / turnMl) * Math.PI * 2 + phaseRad);
  const play = slackMl === 0 ? 0 : Math.exp(-at.settledMl / slackMl);
  return at.share * (1 + biasShare + swing - play * Math.max(0, 1 - periodicShare - Math.abs(biasShare)));
}

/** Small steps, one mechanism at a time, no closed form: Euler's method at the middle of each step. */
function integrateFinely(state: Fine, durationMs: number): void {
  const stallMl = (LINE.stallMmHg - LINE.backPressureMmHg) * LINE.complianceMlPerMmHg;
  const { turnMl, slackMl } = state.mechanism;
  let leftMs = durationMs;
  while (leftMs > 0) {
    // At most 1/40 of a turn a step, 1/12 of the play while it lasts, and 50 ms while a line empties itself.
    const settling = slackMl > 0 && state.settledMl < slackMl * 12;
    const finestMl = Math.min(turnMl / 40, settling ? slackMl / 12 : Number.POSITIVE_INFINITY);
    const releasing = !state.clamped && state.trappedMl > 0;
    const fineMs = state.driveMlPerH > 0 ? (finestMl / state.driveMlPerH) * HOUR_MS : leftMs;
    const stepMs = Math.min(leftMs, releasing ? 50 : Math.max(50, fineMs));
    leftMs -= stepMs;

    let turnedMl = (state.driveMlPerH * stepMs) / HOUR_MS;
    if (state.budgetMl !== null) turnedMl = Math.min(turnedMl, state.budgetMl);
    const middle = {
      ...state,
      drivenMl: state.drivenMl + turnedMl / 2,
      settledMl: state.settledMl + turnedMl / 2,
    };
    const perMl = movesPerMl(middle);
    let roomMl = state.supplyClamped
      ? Math.min(LINE.supplyMl, state.reservoirMl) - state.drawnMl
      : state.reservoirMl;
    if (state.clamped) roomMl = Math.min(roomMl, stallMl - state.trappedMl);
    roomMl = Math.max(0, roomMl);
    if (roomMl === 0) turnedMl = 0;
    if (perMl * turnedMl > roomMl) turnedMl = roomMl / perMl;
    const movesMl = perMl * turnedMl;

    state.drivenMl += turnedMl;
    state.settledMl += turnedMl;
    if (state.budgetMl !== null) state.budgetMl -= turnedMl;
    if (state.supplyClamped) state.drawnMl += movesMl;
    else state.reservoirMl -= movesMl;
    state.airMicroL += state.airMicroLPerMl * movesMl;
    if (state.clamped) {
      state.trappedMl += movesMl;
    } else {
      const outMl = Math.min(state.trappedMl, 0.5 * (stepMs / 1_000));
      state.trappedMl -= outMl;
      state.deliveredMl += movesMl + outMl;
    }
  }
}

describe('the closed forms', () => {
  it.each([1, 2, 3, 4])('agree with a fine-step integrator over 72 h of random changes, seed %d', (seed) => {
    const random = seededRandom(seed);
    const mechanism = drawMechanism(
      { biasShare: 0.035, periodicShare: 0.2, turnMl: 0.9, slackMl: 0.08 },
      random,
    );
    let exact = restingChannel(0, 100, mechanism);
    const fine: Fine = { ...exact };
    const chance = (share: number): boolean => random.next() < share;
    let stalls = 0;
    let dry = 0;
    while (exact.sinceMs < DURATION_MS) {
      const durationMs = Math.min(random.int(1, 3 * HOUR_MS), DURATION_MS - exact.sinceMs);
      if (exact.supplyClamped) {
        exact = openSupply(exact);
        Object.assign(fine, {
          supplyClamped: false,
          reservoirMl: Math.max(0, fine.reservoirMl - fine.drawnMl),
          drawnMl: 0,
        });
      }
      const newSet = chance(0.25);
      const change = {
        driveMlPerH: chance(0.15) ? 0 : random.between(0.1, chance(0.2) ? 300 : 20),
        budgetMl: chance(0.3) ? random.between(0, 30) : null,
        clamped: chance(0.25),
        supplyClamped: chance(0.2),
        share: chance(0.2) ? random.between(0, 1) : 1,
        airMicroLPerMl: chance(0.2) ? random.between(0, 400) : 0,
        ...(newSet ? { reservoirMl: random.between(0.1, 200), settledMl: 0, airMicroL: 0 } : {}),
      };
      exact = advance({ ...exact, ...change }, LINE, exact.sinceMs + durationMs);
      Object.assign(fine, change);
      integrateFinely(fine, durationMs);
      for (const volume of ['deliveredMl', 'reservoirMl', 'trappedMl', 'drawnMl', 'settledMl'] as const) {
        expect(Math.abs(exact[volume] - fine[volume]), volume).toBeLessThan(TOLERANCE_ML);
      }
      expect(Math.abs(exact.drivenMl - fine.drivenMl)).toBeLessThan(TOLERANCE_ML);
      expect(Math.abs(exact.airMicroL - fine.airMicroL)).toBeLessThan(1);
      if (exact.clamped && exact.trappedMl > 0.81) stalls++;
      if (exact.reservoirMl === 0) dry++;
    }
    // Otherwise the comparison would not have seen what stops a motor.
    expect(stalls + dry).toBeGreaterThan(0);
    expect(exact.deliveredMl).toBeGreaterThan(50);
  });
});
