import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader } from '../../../simulator/services/line-reader.ts';
import { parseRequest } from '../../../simulator/services/request.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a line to a service', () => {
  it.each([
    ['IDENT', { verb: 'IDENT' }],
    ['LOGIN TRAINING-SERVICE', { verb: 'LOGIN', code: 'TRAINING-SERVICE' }],
    ['READ private-key', { verb: 'READ', kind: 'private-key' }],
    [
      'SET A occlusion-limit 525',
      { verb: 'SET', channel: 'A', setting: { name: 'occlusionLimitMmHg', value: 525 } },
    ],
    ['CALIBRATE A 1.5', { verb: 'CALIBRATE', channel: 'A', share: 1.5 }],
    [`IMPORT ${base64('{"a":1}')}`, { verb: 'IMPORT', content: { a: 1 } }],
    [`PUT library ${base64('{}')}`, { verb: 'PUT', what: 'library', bytes: Buffer.from('{}') }],
  ])('%s is understood', (line, request) => {
    expect(parseRequest(line)).toEqual({ ok: true, request });
  });

  it.each([
    '',
    'ident',
    'IDENT now',
    'READ everything',
    'READ __proto__',
    'SET A constructor 1',
    'SET A occlusion-limit 1e9',
    'SET A occlusion-limit -1',
    'SET AA occlusion-limit 1',
    'CALIBRATE A NaN',
    'IMPORT {}',
    `IMPORT ${base64('not JSON')}`,
    'PUT library ',
    'PUT kernel aGk=',
    'LOGIN',
  ])('%j is not', (line) => {
    expect(parseRequest(line).ok).toBe(false);
  });

  it('may be anything, and nothing is thrown', () => {
    const verbs = ['IDENT', 'READ', 'SET', 'CALIBRATE', 'IMPORT', 'PUT', 'LOGIN', 'HELLO', 'BYE'];
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.constantFrom(...verbs), fc.array(fc.string({ unit: 'binary', maxLength: 12 })))
        .map((parts) => parts.flat().join(' ')),
    );
    fc.assert(
      fc.property(line, (text) => {
        expect(typeof parseRequest(text).ok).toBe('boolean');
      }),
    );
  });
});

describe('a stream of bytes', () => {
  const lines = fc.array(fc.string({ maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, '')));

  it('gives the same lines however it is cut', () => {
    fc.assert(
      fc.property(
        lines,
        fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
        fc.boolean(),
        (said, cuts, crlf) => {
          const bytes = Buffer.from(said.map((line) => `${line}${crlf ? '\r' : ''}\n`).join(''));
          const reader = new LineReader(200);
          const read: string[] = [];
          for (let from = 0; from < bytes.length; ) {
            const size = cuts.next().value ?? 1;
            const { lines: some, tooLong } = reader.push(bytes.subarray(from, from + size));
            expect(tooLong).toBe(false);
            read.push(...some);
            from += size;
          }
          expect(read).toEqual(said);
        },
      ),
    );
  });

  it('is listened to no longer than a line may be', () => {
    const reader = new LineReader(10);
    expect(reader.push(Buffer.from('HELLO me\n0123456789'))).toEqual({ lines: ['HELLO me'], tooLong: false });
    expect(reader.push(Buffer.from('x'))).toEqual({ lines: [], tooLong: true });
    expect(reader.push(Buffer.from('\nIDENT\n'))).toEqual({ lines: [], tooLong: true });
  });
});
