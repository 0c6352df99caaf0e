import { z } from 'zod';
import { firmwareManifest, PumprangeError, rolloutPlanSchema, serialSchema } from '../../protocol/index.ts';
import { PUMP_STAGES, ROLLOUT_PHASES, type Rollout, type RolloutPump } from '../rollouts/rollout.ts';
import type { RolloutRecord, RolloutStore } from '../rollouts/rollout-store.ts';
import type { Database } from './database.ts';
import { parsed } from './pump-log-tables.ts';
import type { WriteQueue } from './write-queue.ts';

const time = z.iso.datetime({ precision: 3 }).transform((text) => Date.parse(text));
const rolloutRow = z.object({
  rollout: z.string(),
  phase: z.enum(ROLLOUT_PHASES),
  wave: z.int().nonnegative(),
  reason: z.string().nullable(),
  started_at: time,
  changed_at: time,
  plan_json: z.string(),
  update_json: z.string(),
  previous_json: z.string().nullable(),
  superseded: z.int().min(0).max(1),
});
const pumpRow = z.object({
  serial: serialSchema,
  wave: z.int().nonnegative(),
  stage: z.enum(PUMP_STAGES),
  since: time,
  link: z.enum(['online', 'offline']),
  from_version: z.string().nullable(),
  firmware: z.string().nullable(),
  new_alarms: z.int().nonnegative().nullable(),
  reason: z.string().nullable(),
});

/**
 * Rollouts in their tables, in front of them their twins in memory. A step is one transaction, and writes the pumps that changed.
 *
 * @throws PumprangeError `PR_EVENT_STORE_INVALID`, `PR_DISK`
 */
export function rolloutTables(database: Database, queue: WriteQueue): RolloutStore {
  const records = new Map<string, RolloutRecord>();
  for (const row of database.all('SELECT * FROM rollouts ORDER BY rowid')) {
    const record = recordIn(row, database);
    records.set(record.rollout.plan.id, record);
  }
  return {
    rollouts: () => [...records.values()],
    save(record) {
      const { id } = record.rollout.plan;
      const before = records.get(id)?.rollout;
      queue.now((to) => write(to, record, before));
      records.set(id, record);
    },
  };
}

function recordIn(row: unknown, database: Database): RolloutRecord {
  const read = parsed(rolloutRow, row, database, 'rollouts');
  const place = `rollouts, rollout ${read.rollout}`;
  const json = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      throw new PumprangeError('PR_EVENT_STORE_INVALID', `${database.path}: ${place}: not JSON`);
    }
  };
  const pumps = database
    .all('SELECT * FROM rollout_pumps WHERE rollout = ? ORDER BY place', read.rollout)
    .map((pump): RolloutPump => {
      const { since, from_version, new_alarms, ...rest } = parsed(pumpRow, pump, database, 'rollout_pumps');
      return { ...rest, sinceMs: since, from: from_version, newAlarms: new_alarms };
    });
  const plan = parsed(rolloutPlanSchema, json(read.plan_json), database, place);
  for (const wave of [read.wave, ...pumps.map((pump) => pump.wave)]) {
    if (wave < plan.waves.length) continue;
    // It would offer the update to all pumps at once.
    throw new PumprangeError(
      'PR_EVENT_STORE_INVALID',
      `${database.path}: ${place}: there is no wave ${wave}`,
    );
  }
  return {
    superseded: read.superseded === 1,
    rollout: {
      plan,
      phase: read.phase,
      wave: read.wave,
      reason: read.reason,
      startedAtMs: read.started_at,
      changedAtMs: read.changed_at,
      pumps,
    },
    update: parsed(firmwareManifest, json(read.update_json), database, place),
    previous:
      read.previous_json === null
        ? null
        : parsed(firmwareManifest, json(read.previous_json), database, place),
  };
}

function write(
  to: Database,
  { rollout, update, previous, superseded }: RolloutRecord,
  before: Rollout | undefined,
): void {
  const { plan, phase, wave, reason, startedAtMs, changedAtMs, pumps } = rollout;
  to.run(
    `INSERT INTO rollouts (rollout, model, version, phase, wave, reason, started_at, changed_at, plan_json, update_json, previous_json, superseded)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (rollout) DO UPDATE SET phase = excluded.phase, wave = excluded.wave, reason = excluded.reason,
       changed_at = excluded.changed_at, plan_json = excluded.plan_json, superseded = excluded.superseded`,
    ...[plan.id, plan.model, plan.version, phase, wave, reason],
    ...[new Date(startedAtMs).toISOString(), new Date(changedAtMs).toISOString()],
    ...[JSON.stringify(plan), JSON.stringify(update), previous === null ? null : JSON.stringify(previous)],
    superseded ? 1 : 0,
  );
  for (const [place, pump] of pumps.entries()) {
    if (pump === before?.pumps[place]) continue;
    to.run(
      `INSERT INTO rollout_pumps (rollout, place, serial, wave, stage, since, link, from_version, firmware, new_alarms, reason)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (rollout, serial) DO UPDATE SET stage = excluded.stage, since = excluded.since, link = excluded.link,
         firmware = excluded.firmware, new_alarms = excluded.new_alarms, reason = excluded.reason`,
      ...[plan.id, place, pump.serial, pump.wave, pump.stage, new Date(pump.sinceMs).toISOString()],
      ...[pump.link, pump.from, pump.firmware, pump.newAlarms, pump.reason],
    );
  }
}
