import { HeapClock } from '../../clock/index.ts';
import { createMemoryPki } from '../../pki/index.ts';
import { Composer, type ControlId, uplinkVerifier, urnOf } from '../../protocol/index.ts';
import type { Pump } from '../../simulator/pump/index.ts';
import { TelemetryText } from '../../simulator/shell/telemetry-text.ts';
import { UplinkSigner } from '../../simulator/shell/uplink-signer.ts';
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
  signedTelemetry(pump, clock);
  pump.dispose();
}

/** What `signed-uplink` adds: at the pump for each message, and at each receiver. */
function signedTelemetry(pump: Pump, clock: HeapClock): void {
  const pki = createMemoryPki({ clock });
  const identity = { kind: 'pump', id: pump.serial } as const;
  const credential = pki.credentialFor(identity);
  const text = new TelemetryText(urnOf(identity), 'boot-1');
  const signer = new UplinkSigner({
    controls: new Set<ControlId>(['signed-uplink']),
    weaknesses: () => [],
    credential: () => credential,
  });
  const next = (): string => signer.signedText(text.next(pump.telemetrySample(), clock.now()));
  figure(
    'telemetry message, signed',
    perCallUs(10_000, () => next().length),
    'µs',
    2,
    'against unsigned',
  );
  const believes = uplinkVerifier({
    judge: pki.judge({ revocation: true }),
    controls: new Set<ControlId>(['signed-uplink']),
    nowMs: () => clock.now(),
    evidence: () => undefined,
    source: 'bench',
    signs: () => true,
  });
  const composer = new Composer(identity, 'boot-1', () => clock.now());
  believes('status', pump.serial, { ...signer.signed(composer.compose('status', {})) });
  const said = Array.from({ length: 10_000 }, () => JSON.parse(next()));
  let index = 0;
  const us = perCallUs(said.length, () => {
    const message = said[index % said.length];
    index += 1;
    return believes('telemetry', pump.serial, message) ? 1 : 0;
  });
  figure('telemetry message, verified', us, 'µs', 0, 'at each receiver; 0 where the control is off');
}
