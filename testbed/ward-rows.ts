import { type Intent, urnOf } from '../protocol/index.ts';
import { orderedFlow, volumeMl } from '../scenarios/index.ts';
import type { PumpReading } from '../simulator/pump/index.ts';
import type { Presence } from '../supervision/index.ts';
import type { FleetMember } from './fleet.ts';

/** One row of the live table. */
export interface WardRow {
  readonly serial: string;
  readonly model: string;
  readonly careArea: string;
  readonly link: 'online' | 'offline';
  /**
   * What supervision makes of it: without a session at the broker nobody but the bedside sees the pump. `null`: such a broker does
   * not tell.
   */
  readonly supervision: 'supervised' | 'unsupervised' | null;
  readonly reading: PumpReading;
  readonly deliveredMl: number;
  readonly orderedMl: number;
}

/** @param startMs from when on what was ordered counts */
export function rowOf(
  { pump, shell }: FleetMember,
  intents: readonly Intent[],
  presence: Presence | undefined,
  startMs: number,
  nowMs: number,
): WardRow {
  const reading = pump.reading();
  return {
    serial: pump.serial,
    model: pump.model.id,
    careArea: pump.careArea,
    link: shell.isOnline ? 'online' : 'offline',
    supervision: presence?.of(urnOf({ kind: 'pump', id: pump.serial })).supervision ?? null,
    reading,
    deliveredMl: sum(reading.channels.map(({ totalDeliveredMl }) => totalDeliveredMl)),
    orderedMl: sum(
      pump.model.channels.map((channel) =>
        volumeMl(orderedFlow(intents, pump.serial, channel), startMs, nowMs),
      ),
    ),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
