import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Composer, THERAPY_STATES, telemetryMessage, urnOf } from '../../../protocol/index.ts';
import type { TelemetrySample } from '../../../simulator/pump/index.ts';
import { TelemetryText } from '../../../simulator/shell/telemetry-text.ts';
import { anySerial } from '../../protocol/arbitraries.ts';

const volume = fc.oneof(
  fc.double({ min: 0, max: 9_999, noNaN: true }),
  fc.integer({ min: 0, max: 9_999_000 }).map((thousandths) => thousandths / 1_000),
  fc.constantFrom(0, -0, 0.0005, 0.999_5, 1e-9, 999_999.999_5, 1e15, 1.5e16),
);
const anySample: fc.Arbitrary<TelemetrySample> = fc.record({
  power: fc.constantFrom('mains', 'battery'),
  batteryPercent: fc.double({ min: 0, max: 100, noNaN: true }),
  channels: fc.array(
    fc.record({
      channel: fc.oneof(fc.constantFrom('A', 'B'), fc.string({ maxLength: 4 })),
      therapy: fc.constantFrom(...THERAPY_STATES),
      drug: fc.option(fc.string({ unit: 'grapheme' })),
      motorRateMlPerH: volume,
      deliveredMl: volume,
      volumeToBeInfusedMl: volume,
      reservoirMl: volume,
      pressureMmHg: fc.oneof(volume, fc.double({ min: -2_000, max: 2_000, noNaN: true })),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});
const anyTimeMs = fc.oneof(
  fc.double({ min: 0, max: Date.parse('9999-12-31T23:59:59.999Z'), noNaN: true }),
  fc.integer({ min: 0, max: 4_102_444_800_000 }),
);

test('telemetry reads as if it were composed and made JSON in the plain way, and follows the schema', () => {
  fc.assert(
    fc.property(
      anySerial,
      fc.stringMatching(/^[\w"\\-]{1,64}$/),
      fc.array(fc.tuple(anySample, anyTimeMs), { minLength: 1, maxLength: 4 }),
      (id, bootId, said) => {
        let nowMs = 0;
        const composer = new Composer({ kind: 'pump', id }, bootId, () => nowMs);
        const text = new TelemetryText(urnOf({ kind: 'pump', id }), bootId);
        for (const [sample, atMs] of said) {
          nowMs = atMs;
          const written = text.next(sample, atMs);
          expect(written).toBe(JSON.stringify(composer.compose('telemetry', bodyOf(sample))));
          expect(telemetryMessage.safeParse(JSON.parse(written)).error).toBeUndefined();
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test('what a pump adds in clear is part of the body', () => {
  const text = new TelemetryText(urnOf({ kind: 'pump', id: 'LVP-0001' }), 'boot-1');
  const [sample] = fc.sample(anySample, 1);
  const patient = { encounter: 'e', patientName: 'TRAINING, "Echo"', recordNumber: '0', bed: '1' };
  const plain = JSON.parse(text.next(sample!, 0));
  const more = JSON.parse(text.next(sample!, 0, `,"patient":${JSON.stringify(patient)}`));
  expect(more.body).toEqual({ ...plain.body, patient });
  expect(telemetryMessage.safeParse(more).error).toBeUndefined();
});

function bodyOf({ power, batteryPercent, channels }: TelemetrySample) {
  return {
    channels: channels.map((one) => ({
      channel: one.channel,
      therapy: one.therapy,
      drug: one.drug,
      rateMlPerH: rounded(one.motorRateMlPerH),
      deliveredMl: rounded(one.deliveredMl),
      volumeToBeInfusedMl: rounded(one.volumeToBeInfusedMl),
      reservoirMl: rounded(one.reservoirMl),
      pressureMmHg: rounded(one.pressureMmHg),
    })),
    power,
    batteryPercent: rounded(batteryPercent),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
