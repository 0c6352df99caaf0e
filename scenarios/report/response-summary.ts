import { disruptionOf } from '../engine/disruption.ts';
import type { Observation, Response } from '../engine/observation.ts';
import type { Step } from '../format/steps.ts';
import type { ResponseResult } from './run-report.ts';

const MS_PER_MINUTE = 60_000;

/** What defenders did, and what it cost the ward; `undefined` where they did nothing. */
export function responseSummary(
  steps: readonly Step[],
  observation: Pick<
    Observation,
    'startMs' | 'endMs' | 'responses' | 'evidence' | 'steps' | 'adversaryAddresses'
  >,
): ResponseResult | undefined {
  const { startMs, endMs, responses } = observation;
  if (responses.length === 0) return undefined;
  const actions = responses.flatMap((response) => response.actions);
  const { falseResponses, lostSessions } = disruptionOf(steps, observation);
  return {
    // Whoever of the hospital's own was shut out has to be set up again by somebody.
    staffActions: actions.reduce((sum, { staffActions }) => sum + staffActions, 0) + lostSessions.length,
    manualPumpMinutes: manualMs(responses, endMs) / MS_PER_MINUTE,
    falseResponses: falseResponses.map(({ atMs, ...one }) => ({ ...one, atMs: atMs - startMs })),
    lostSessions: lostSessions.map(({ identity, offlineMs }) => ({
      identity,
      offlineMinutes: offlineMs / MS_PER_MINUTE,
    })),
    playbooks: responses.map(({ playbook, rule, alertAtMs, actions: taken }) => ({
      id: playbook,
      rule,
      alertMs: alertAtMs === null ? null : alertAtMs - startMs,
      actions: taken.map(({ action, outcome, detail, atMs }) => ({
        action,
        outcome,
        detail,
        atMs: atMs - startMs,
      })),
    })),
  };
}

/** How long pumps were off the network because defenders took them off, together. */
function manualMs(responses: readonly Response[], endMs: number): number {
  const off = new Map<string, number>();
  let sumMs = 0;
  const actions = responses
    .flatMap(({ actions: taken }) => taken)
    .filter(({ outcome }) => outcome === 'succeeded')
    .sort((a, b) => a.atMs - b.atMs);
  for (const { action, atMs, pumps } of actions) {
    for (const serial of pumps) {
      const sinceMs = off.get(serial);
      if (action === 'manual-fallback' && sinceMs === undefined) off.set(serial, atMs);
      if (action !== 'restore' || sinceMs === undefined) continue;
      sumMs += atMs - sinceMs;
      off.delete(serial);
    }
  }
  return [...off.values()].reduce((sum, sinceMs) => sum + endMs - sinceMs, sumMs);
}
