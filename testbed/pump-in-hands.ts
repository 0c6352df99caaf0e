import type { PumpInHands, StepResult } from '../scenarios/index.ts';
import type { BedsideResult } from '../simulator/pump/index.ts';
import { IN_HANDS } from '../simulator/storage/index.ts';
import type { FleetMember } from './fleet.ts';

/** A pump as somebody has it who holds it, or stands before it. Keys go past the ledger: nobody ordered what they do. */
export function inHands({ pump, storage }: Pick<FleetMember, 'pump' | 'storage'>): PumpInHands {
  return {
    read: (kind) => {
      const read = storage.read(kind, IN_HANDS);
      return read.ok ? read.content : undefined;
    },
    alterLibrary: (content) => storage.alterLibrary(content, IN_HANDS).ok,
    alterLog: (how) => storage.alterLog(how, IN_HANDS).ok,
    glimpse: (digits) => pump.codes.nurse.slice(0, digits),
    unlock: (code) => {
      // Whoever stands there sees a keypad that takes no code.
      const takesNone = pump.reading().access === 'lockedOut';
      const pressed = resultOf(pump.bedside('nurse', { action: 'unlock', code }));
      return takesNone ? { ...pressed, outcome: 'skipped' } : pressed;
    },
    changeRate: (channel, rateMlPerH) =>
      resultOf(
        pump.bedside('nurse', {
          action: 'change-rate',
          channel: channel ?? pump.model.channels[0] ?? 'A',
          rateMlPerH,
          overrideSoftLimit: true,
        }),
      ),
  };
}

function resultOf(pressed: BedsideResult): StepResult {
  return pressed.accepted
    ? { outcome: 'succeeded', detail: 'done' }
    : { outcome: 'refused', detail: pressed.reason };
}
