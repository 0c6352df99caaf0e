import type { TherapyState } from '../../protocol/index.ts';
import { advance, batteryAt, flowMlPerH, pressureMmHg } from '../physics/index.ts';
import { ALARM_KINDS } from './alarms.ts';
import { type ChannelContext, channelOf, type PumpContext } from './context.ts';
import { displayLine } from './display.ts';
import type { ChannelReading, PumpReading } from './reading.ts';

/** What a pump shows and does at an instant; nothing is changed by looking. */
export function readPump(context: PumpContext, atMs: number): PumpReading {
  const { power, library, firmware } = context;
  return {
    atMs,
    on: power.mode !== 'off',
    power: power.mains ? 'mains' : 'battery',
    batteryPercent: batteryAt(context.battery, atMs).percent,
    channels: context.model.channels.map((id) => readChannel(context, channelOf(context, id), atMs)),
    alarms: context.alarms.map(({ alarm, channel, raisedAtMs, silencedUntilMs }) => ({
      alarm,
      channel,
      priority: ALARM_KINDS[alarm].priority,
      raisedAtMs,
      silencedUntilMs,
    })),
    library: { inUse: library.inUse?.version ?? null, pending: library.pending?.version ?? null },
    firmware: { running: firmware.running.version, staged: firmware.staged?.version ?? null },
    display: displayLine(context, atMs),
  };
}

function readChannel(context: PumpContext, channel: ChannelContext, atMs: number): ChannelReading {
  const { line } = context.model;
  const physics = advance(channel.physics, line, atMs);
  const { programme } = channel;
  return {
    channel: channel.id,
    therapy: therapyState(context, channel),
    orderId: programme?.orderId ?? null,
    drug: programme?.drug ?? null,
    programmedRateMlPerH: programme?.rateMlPerH ?? 0,
    flowMlPerH: flowMlPerH(physics, line),
    totalDeliveredMl: physics.deliveredMl,
    deliveredMl: programme === null ? 0 : Math.max(0, physics.drivenMl - channel.drivenAtStartMl),
    volumeToBeInfusedMl: programme?.volumeToBeInfusedMl ?? 0,
    reservoirMl: physics.reservoirMl,
    pressureMmHg: pressureMmHg(physics, line),
  };
}

function therapyState(context: PumpContext, { mode }: ChannelContext): TherapyState {
  switch (mode) {
    case 'off':
      return context.power.mode === 'selfTest' ? 'selfTest' : 'off';
    case 'primary':
    case 'bolus':
    case 'pcaDose':
      return 'infusing';
    default:
      return mode;
  }
}
