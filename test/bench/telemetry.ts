import { HeapClock } from '../../clock/index.ts';
import { Composer } from '../../protocol/index.ts';
import { TelemetryText } from '../../simulator/shell/telemetry-text.ts';
import { makePump } from '../helpers/fleet.ts';
import { figure, perCallUs } from './figure.ts';

/** The second pump of a fleet has one channel. */
const ONE_CHANNEL = 1;

/** One telemetry message from the pump to its JSON text, against composing and `JSON.stringify`. */
export function telemetry(): void {
  const clock = new HeapClock(Date.parse('2026-03-02T06:00:00Z'));
  const pump = makePump(clock, 1, ONE_CHANNEL);
  pump.bedside('nurse', { action: 'power-on', newPatient: true });
  clock.runTo(clock.now() + 120_000);
  const composer = new Composer({ kind: 'pump', id: pump.serial }, 'boot-1', () => clock.now());
  const text = new TelemetryText(composer.from, composer.bootId);
  const plainUs = perCallUs(100_000, () =>
    Buffer.byteLength(JSON.stringify(composer.compose('telemetry', pump.telemetrySample()))),
  );
  const us = perCallUs(100_000, () => Buffer.byteLength(text.next(pump.telemetrySample(), clock.now())));
  figure('telemetry message', us, 'µs', plainUs, 'one channel, JSON text included; against JSON.stringify');
  pump.dispose();
}
