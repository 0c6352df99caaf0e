import type { Rollout } from './rollout.ts';
import { openingAt } from './windows.ts';

/** When time alone brings something next: a gate that runs out, a watch that ends, a window that opens or closes; `null`: never. */
export function nextDueMs(rollout: Rollout, atMs: number): number | null {
  const { plan, phase, pumps } = rollout;
  if (phase === 'completed' || phase === 'backed-out') return null;
  const { linkBackWithinS, observeForS } = plan.gates;
  const dues = pumps.flatMap(({ stage, sinceMs, link, newAlarms }) => {
    if (stage === 'applying') return [sinceMs + linkBackWithinS * 1_000];
    // One that is away passes when it comes back, which is news.
    if (stage !== 'observed' || link === 'offline') return [];
    const watchedMs = sinceMs + observeForS * 1_000;
    return [newAlarms === null && atMs >= watchedMs ? watchedMs + linkBackWithinS * 1_000 : watchedMs];
  });
  const opening = openingAt(plan.windows, atMs);
  if (opening !== null) dues.push(opening.untilMs);
  return dues.length === 0 ? null : dues.reduce((a, b) => Math.min(a, b));
}
