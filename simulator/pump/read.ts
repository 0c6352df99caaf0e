import type { TherapyState } from '../../protocol/index.ts';
import { advance, batteryPercentAt, flowMlPerH, motorMlPerH, pressureMmHg } from '../physics/index.ts';
import { ALARM_KINDS } from './alarms.ts';
import { type ChannelContext, channelOf, type PumpContext } from './context.ts';
import { displayLine, isLibraryInUse } from './display.ts';
import { type FirmwareSlot, runningFirmware, stagedFirmware } from './firmware-slots.ts';
import type { ActiveAlarm, ChannelReading, PumpReading, SlotReading } from './reading.ts';
import { nextOf, runningOf } from './running.ts';
import { infusedMl } from './volumes.ts';

/** What a pump shows and does at an instant; nothing is changed by looking. */
export function readPump(context: PumpContext, atMs: number): PumpReading {
  const { power, library, firmware } = context;
  return {
    atMs,
    on: power.mode !== 'off',
    power: power.mains ? 'mains' : 'battery',
    batteryPercent: batteryPercentAt(context.battery, atMs),
    channels: context.model.channels.map((id) => readChannel(context, channelOf(context, id), atMs)),
    alarms: readAlarms(context),
    access: context.access.mode,
    libraryInUse: isLibraryInUse(context),
    library: { inUse: library.inUse?.version ?? null, pending: library.pending?.version ?? null },
    configuration: context.configuration?.version ?? null,
    firmware: {
      running: runningFirmware(firmware).version,
      staged: stagedFirmware(firmware)?.version ?? null,
      active: firmware.active,
      slots: { A: readSlot(firmware.slots.A), B: readSlot(firmware.slots.B) },
    },
    // Worked out only if somebody looks: most readings are for the figures.
    get display() {
      return displayLine(context, atMs);
    },
  };
}

function readSlot(slot: FirmwareSlot): SlotReading {
  return { state: slot.state, version: slot.state === 'empty' ? null : slot.personality.version };
}

export function readAlarms(context: PumpContext): readonly ActiveAlarm[] {
  return context.alarms.map(({ alarm, channel, priority, raisedAtMs, silencedUntilMs }) => ({
    alarm,
    text: ALARM_KINDS[alarm].text,
    channel,
    priority,
    raisedAtMs,
    silencedUntilMs,
  }));
}

export function readChannel(context: PumpContext, channel: ChannelContext, atMs: number): ChannelReading {
  const { line } = context.model;
  const physics = advance(channel.physics, line, atMs);
  const { programme, secondary } = channel;
  return {
    channel: channel.id,
    therapy: therapyState(context, channel),
    mode: channel.mode,
    programme,
    secondary:
      secondary === null
        ? null
        : {
            programme: secondary.programme,
            runs: secondary.beganAtMl !== null,
            infusedMl: physics.drivenMl - (secondary.beganAtMl ?? physics.drivenMl),
          },
    // Worked out only if somebody looks, as the display.
    get running() {
      return runningOf(context, channel.id, atMs);
    },
    get next() {
      return nextOf(context, channel.id, atMs);
    },
    orderId: programme?.orderId ?? null,
    drug: programme?.drug ?? null,
    programmedRateMlPerH: programme?.rateMlPerH ?? 0,
    motorRateMlPerH: motorMlPerH(physics, line),
    flowMlPerH: flowMlPerH(physics, line),
    totalDeliveredMl: physics.deliveredMl,
    deliveredMl: infusedMl(channel, context, atMs),
    volumeToBeInfusedMl: programme?.volumeToBeInfusedMl ?? 0,
    reservoirMl: physics.reservoirMl,
    pressureMmHg: pressureMmHg(physics, line),
    occlusionLimitMmHg: channel.settings.occlusionLimitMmHg,
    airMicroL: physics.airMicroL,
    syringeMl: channel.syringeMl,
  };
}

/** The state of a channel as the wire names it. */
export function therapyState(context: PumpContext, { mode }: ChannelContext): TherapyState {
  switch (mode) {
    case 'off':
      return context.power.mode === 'selfTest' ? 'selfTest' : 'off';
    case 'loading':
    case 'primary':
    case 'secondary':
    case 'bolus':
    case 'pcaDose':
      return 'infusing';
    default:
      return mode;
  }
}
