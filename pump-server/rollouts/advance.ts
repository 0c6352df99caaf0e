import type { AlarmPriority, Serial } from '../../protocol/index.ts';
import { hasUpdate, isEnded, type PumpStage, type Rollout, type RolloutPump } from './rollout.ts';

/** What a rollout hears. `what: 'time'`: nothing but that it is later. */
export type RolloutNews =
  | {
      readonly what: 'status';
      readonly serial: Serial;
      readonly link: 'online' | 'offline';
      readonly firmware: string;
      readonly atMs: number;
    }
  | {
      readonly what: 'event';
      readonly serial: Serial;
      readonly event: string;
      readonly detail: Readonly<Record<string, unknown>>;
      readonly atMs: number;
    }
  | {
      readonly what: 'alarm';
      readonly serial: Serial;
      readonly priority: AlarmPriority;
      readonly atMs: number;
    }
  | { readonly what: 'time'; readonly atMs: number }
  | {
      readonly what: 'pause' | 'resume' | 'abort' | 'back-out';
      readonly by: string;
      readonly atMs: number;
    };

/** A rollout after one more piece of news; the same object if nothing changed. Pure: what follows for the pumps says `offerOf`. */
export function advance(rollout: Rollout, news: RolloutNews): Rollout {
  switch (news.what) {
    case 'pause':
    case 'resume':
    case 'abort':
    case 'back-out':
      return ordered(rollout, news.what, news.by, news.atMs);
    case 'time':
      return judged(
        withPumps(rollout, (pump) => later(pump, rollout, news.atMs), news.atMs),
        news.atMs,
      );
    case 'status':
    case 'event':
    case 'alarm': {
      const heard = withPumps(
        rollout,
        (pump) => (pump.serial === news.serial ? hear(pump, rollout, news) : pump),
        news.atMs,
      );
      return heard === rollout ? rollout : judged(heard, news.atMs);
    }
  }
}

/** Which orders a rollout takes in which phase; any other one changes nothing. */
function ordered(
  rollout: Rollout,
  order: 'pause' | 'resume' | 'abort' | 'back-out',
  by: string,
  atMs: number,
): Rollout {
  const { phase } = rollout;
  const to = (next: Rollout['phase'], reason: string | null): Rollout => ({
    ...rollout,
    phase: next,
    reason,
    changedAtMs: atMs,
  });
  switch (order) {
    case 'pause':
      return phase === 'running' ? to('paused', `paused by ${by}`) : rollout;
    case 'resume':
      return phase === 'paused' || phase === 'halted'
        ? judged(phase === 'halted' ? withFailuresAccepted(to('running', null)) : to('running', null), atMs)
        : rollout;
    case 'abort':
      // Also while it backs out: pumps that take nothing older would hold it up for good.
      return isEnded(phase) ? rollout : to('aborted', `aborted by ${by}`);
    case 'back-out':
      return phase === 'backing-out' || phase === 'backed-out'
        ? rollout
        : judged(to('backing-out', `backed out by ${by}`), atMs);
  }
}

/** Who lets one go on that has halted has seen what failed: the error budget is as large as that, and the next failure halts it again. */
function withFailuresAccepted(rollout: Rollout): Rollout {
  const { plan, pumps } = rollout;
  const failures = pumps.filter(({ stage }) => stage === 'failed').length;
  if (failures <= plan.gates.failuresAtMost) return rollout;
  return { ...rollout, plan: { ...plan, gates: { ...plan.gates, failuresAtMost: failures } } };
}

function hear(
  pump: RolloutPump,
  rollout: Rollout,
  news: Exclude<RolloutNews, { readonly what: 'time' | 'pause' | 'resume' | 'abort' | 'back-out' }>,
): RolloutPump {
  switch (news.what) {
    case 'status': {
      const { link, firmware } = news;
      const known = link === pump.link && firmware === pump.firmware ? pump : { ...pump, link, firmware };
      // A will of the broker says what ran before the link was lost.
      return link === 'online' ? running(known, pump, rollout, news.atMs) : known;
    }
    case 'event':
      return heardEvent(pump, rollout, news.event, news.detail, news.atMs);
    case 'alarm': {
      // What is older than the update in the pump's own log is not the update's.
      if (pump.stage !== 'observed' || pump.newAlarms === null || news.priority === 'low') return pump;
      const newAlarms = pump.newAlarms + 1;
      return newAlarms > rollout.plan.gates.newAlarmsAtMost
        ? failed({ ...pump, newAlarms }, `${newAlarms} new alarms on ${rollout.plan.version}`, news.atMs)
        : { ...pump, newAlarms };
    }
  }
}

/** What a pump runs tells how far it is, whatever was missed while the server or the link was away. */
function running(
  pump: RolloutPump,
  before: RolloutPump,
  { plan, phase }: Rollout,
  atMs: number,
): RolloutPump {
  const isNew = pump.firmware === plan.version;
  // One that was told too late to give it up has it now.
  if (isNew) return isUnderWay(pump.stage) ? to(pump, 'observed', atMs) : pump;
  if (phase === 'backing-out' || phase === 'backed-out') {
    return hasUpdate(before, plan) ? to(pump, 'reverted', atMs) : pump;
  }
  // It ran the new version, and runs it no more.
  if (pump.stage === 'observed') return failed(pump, `went back to ${pump.firmware}`, atMs);
  // The power went before it had changed the slot: it has the package still, and waits for standby again.
  if (pump.stage === 'applying' && before.link === 'offline') return to(pump, 'staged', atMs);
  return pump;
}

function heardEvent(
  pump: RolloutPump,
  rollout: Rollout,
  event: string,
  detail: Readonly<Record<string, unknown>>,
  atMs: number,
): RolloutPump {
  const { version } = rollout.plan;
  const isOver = pump.stage === 'passed' || pump.stage === 'failed' || pump.stage === 'reverted';
  switch (event) {
    case 'firmware-staged':
      return detail['version'] === version && !isOver && pump.stage !== 'observed'
        ? to(pump, 'staged', atMs)
        : pump;
    case 'firmware-applying':
      return detail['to'] === version && !isOver ? to(pump, 'applying', atMs) : pump;
    case 'firmware-updated': {
      if (detail['to'] !== version) return pump;
      // Its status may have said so before its log came to it.
      const known = pump.newAlarms === null ? { ...pump, newAlarms: 0 } : pump;
      return isUnderWay(known.stage) ? to(known, 'observed', atMs) : known;
    }
    case 'firmware-rolled-back':
      return detail['from'] === version && !isOver
        ? failed(pump, `${version} did not pass its trial: rolled back to ${detail['to']}`, atMs)
        : pump;
    case 'firmware-withdrawn':
      return detail['version'] === version && (pump.stage === 'staged' || pump.stage === 'offered')
        ? to(pump, 'waiting', atMs)
        : pump;
    case 'firmware-refused': {
      if (detail['version'] !== version || isOver) return pump;
      const { control, reason } = detail;
      // What no control refused may fit later; why it does not now is worth knowing.
      if (control === null) return { ...pump, reason: `refused: ${reason}` };
      return failed(pump, `refused by ${control}: ${reason}`, atMs);
    }
    default:
      return pump;
  }
}

/** What time alone brings: a link that does not come back, and a watch that ends well. */
function later(pump: RolloutPump, { plan: { gates } }: Rollout, atMs: number): RolloutPump {
  const forMs = atMs - pump.sinceMs;
  if (pump.stage === 'applying' && forMs >= gates.linkBackWithinS * 1_000) {
    return failed(pump, `not back online ${gates.linkBackWithinS} s after it began to apply`, atMs);
  }
  if (pump.stage === 'observed' && forMs >= gates.observeForS * 1_000 && pump.link === 'online') {
    if (pump.newAlarms !== null) return to(pump, 'passed', atMs);
    // Nobody has looked at its alarms yet: that is no pass.
    if (forMs >= (gates.observeForS + gates.linkBackWithinS) * 1_000) {
      return failed(pump, 'its log has not come to the update', atMs);
    }
  }
  return pump;
}

/** Moves on as far as the gates let it, or halts. */
function judged(rollout: Rollout, atMs: number): Rollout {
  const { plan, pumps, phase } = rollout;
  if (phase === 'backing-out' || phase === 'backed-out') {
    // One that was away may come back with the update when all others have gone back.
    const now = pumps.some((pump) => hasUpdate(pump, plan)) ? 'backing-out' : 'backed-out';
    return now === phase ? rollout : { ...rollout, phase: now, changedAtMs: atMs };
  }
  if (phase !== 'running') return rollout;
  const failures = pumps.filter(({ stage }) => stage === 'failed');
  if (failures.length > plan.gates.failuresAtMost) {
    const { serial, reason } = failures.reduce((a, b) => (b.sinceMs > a.sinceMs ? b : a));
    const reasons = `${failures.length} failed, ${plan.gates.failuresAtMost} may; the last: ${serial}: ${reason}`;
    return { ...rollout, phase: 'halted', reason: reasons, changedAtMs: atMs };
  }
  const offered = withPumps(
    rollout,
    (pump) =>
      pump.stage === 'waiting' && pump.wave <= rollout.wave && pump.link === 'online'
        ? to(pump, 'offered', atMs)
        : pump,
    atMs,
  );
  if (!isWaveDone(offered)) return offered;
  if (rollout.wave + 1 < plan.waves.length) {
    return judged({ ...offered, wave: rollout.wave + 1, changedAtMs: atMs }, atMs);
  }
  // Those that were away all the time catch up before it is complete.
  const isOver = offered.pumps.every(({ stage }) => stage === 'passed' || stage === 'failed');
  return isOver ? { ...offered, phase: 'completed', changedAtMs: atMs } : offered;
}

/**
 * Whether the next wave may begin: nothing of this one is being updated or watched, and enough of those that can be reached have passed.
 * Failures are the error budget's. A wave of which nobody has passed proves nothing, and holds up the rest.
 */
function isWaveDone({ plan, pumps, wave }: Rollout): boolean {
  const ofWave = pumps.filter((pump) => pump.wave === wave);
  if (ofWave.length === 0) return true;
  if (ofWave.some(({ stage }) => stage === 'applying' || stage === 'observed')) return false;
  const passed = ofWave.filter(({ stage }) => stage === 'passed').length;
  const open = ofWave.filter(
    ({ stage, link }) => (stage === 'offered' || stage === 'staged') && link === 'online',
  ).length;
  return passed > 0 && passed >= plan.gates.passedShareAtLeast * (passed + open);
}

function isUnderWay(stage: PumpStage): boolean {
  return stage === 'waiting' || stage === 'offered' || stage === 'staged' || stage === 'applying';
}

function to(pump: RolloutPump, stage: PumpStage, atMs: number): RolloutPump {
  return pump.stage === stage ? pump : { ...pump, stage, sinceMs: atMs, reason: null };
}

function failed(pump: RolloutPump, reason: string, atMs: number): RolloutPump {
  return { ...pump, stage: 'failed', sinceMs: atMs, reason };
}

/** The same rollout where no pump changed. */
function withPumps(rollout: Rollout, change: (pump: RolloutPump) => RolloutPump, atMs: number): Rollout {
  const pumps = rollout.pumps.map(change);
  const isSame = pumps.every((pump, index) => pump === rollout.pumps[index]);
  return isSame ? rollout : { ...rollout, pumps, changedAtMs: atMs };
}
