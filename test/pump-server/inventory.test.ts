import { describe, expect, it } from 'vitest';
import type { StatusMessage, TelemetryMessage } from '../../protocol/index.ts';
import { afterHearing } from '../../pump-server/inventory.ts';
import { FakePump, SERIAL, START_MS } from './fake-link.ts';

const pump = new FakePump();
const status = pump.status() as StatusMessage;
const offline = pump.status('offline') as StatusMessage;
const telemetry = pump.telemetry(40) as TelemetryMessage;

describe('afterHearing', () => {
  it('keeps the latest of each, and when the pump was heard', () => {
    const first = afterHearing(undefined, {
      serial: SERIAL,
      message: status,
      retained: false,
      atMs: START_MS + 1,
    });
    const second = afterHearing(first, {
      serial: SERIAL,
      message: telemetry,
      retained: false,
      atMs: START_MS + 2,
    });
    expect(second).toEqual({
      serial: SERIAL,
      heardAtMs: START_MS + 2,
      status: status.body,
      telemetry: telemetry.body,
    });
    const newer = pump.status('online', '1.1.0') as StatusMessage;
    expect(
      afterHearing(second, { serial: SERIAL, message: newer, retained: false, atMs: START_MS + 3 }),
    ).toMatchObject({ heardAtMs: START_MS + 3, status: { firmware: '1.1.0' }, telemetry: telemetry.body });
  });

  it('takes a retained status and a last will for no sign of life', () => {
    const atMs = START_MS + 60_000;
    const retained = afterHearing(undefined, { serial: SERIAL, message: status, retained: true, atMs });
    expect(retained.heardAtMs).toBe(START_MS);
    const alive = afterHearing(retained, { serial: SERIAL, message: telemetry, retained: false, atMs });
    const gone = afterHearing(alive, {
      serial: SERIAL,
      message: offline,
      retained: false,
      atMs: atMs + 90_000,
    });
    expect(gone).toMatchObject({ heardAtMs: atMs, status: { link: 'offline' } });
  });
});
