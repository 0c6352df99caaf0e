import fc from 'fast-check';
import { KINDS, PUMP_TOPICS, parseSerial, type Serial, type Topic } from '../../protocol/index.ts';

const INNER = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-'];
const OUTER = INNER.slice(0, -3);

export const anyId = fc
  .tuple(
    fc.constantFrom(...OUTER),
    fc.string({ unit: fc.constantFrom(...INNER), maxLength: 62 }),
    fc.constantFrom('', ...OUTER),
  )
  .map(([first, middle, last]) => (last === '' ? first : first + middle + last));

export const anyIdentity = fc.record({ kind: fc.constantFrom(...KINDS), id: anyId });

export const anySerial = anyId.map((id): Serial => parseSerial(id)!);

const anyDigest = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });

export const anyTopic: fc.Arbitrary<Topic> = fc.oneof(
  fc.record({
    kind: fc.constant('pump' as const),
    serial: anySerial,
    topic: fc.constantFrom(...PUMP_TOPICS),
  }),
  fc.record({
    kind: fc.constantFrom(
      'ceiling-release' as const,
      'library-release' as const,
      'configuration-release' as const,
    ),
    careArea: anyId,
  }),
  fc.record({ kind: fc.constant('firmware-release' as const), model: anyId }),
  fc.record({ kind: fc.constant('artifact-request' as const), digest: anyDigest, serial: anySerial }),
  fc.record({
    kind: fc.constant('artifact-chunk' as const),
    digest: anyDigest,
    serial: anySerial,
    offset: fc.integer({ min: 0, max: 999_999_999_999 }),
  }),
);
