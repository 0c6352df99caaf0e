import type { Serial, StatusMessage, TelemetryMessage } from '../protocol/index.ts';

/** What the server last heard of a pump. */
export interface InventoryEntry {
  readonly serial: Serial;
  /**
   * When the pump last gave a sign of life. A retained message gives its own time, as the pump has it, and a message
   * that the pump is offline is none: it may be the broker that speaks.
   */
  readonly heardAtMs: number;
  /** Link, model, care area, firmware, library in use and pending, capabilities. */
  readonly status: StatusMessage['body'] | null;
  readonly telemetry: TelemetryMessage['body'] | null;
}

export interface Hearing {
  readonly serial: Serial;
  readonly message: StatusMessage | TelemetryMessage;
  readonly retained: boolean;
  readonly atMs: number;
}

/** What is known of a pump after one more message. */
export function afterHearing(before: InventoryEntry | undefined, hearing: Hearing): InventoryEntry {
  const { serial, message, retained, atMs } = hearing;
  const isAlive = !retained && !(message.type === 'status' && message.body.link === 'offline');
  return {
    serial,
    heardAtMs: isAlive ? atMs : (before?.heardAtMs ?? Date.parse(message.time)),
    status: message.type === 'status' ? message.body : (before?.status ?? null),
    telemetry: message.type === 'telemetry' ? message.body : (before?.telemetry ?? null),
  };
}

/** The pumps that have been heard, by serial number. */
export class Inventory {
  readonly #entries = new Map<Serial, InventoryEntry>();

  entries(): readonly InventoryEntry[] {
    return [...this.#entries.values()];
  }

  hear(hearing: Hearing): void {
    this.#entries.set(hearing.serial, afterHearing(this.#entries.get(hearing.serial), hearing));
  }
}
