import { describe, expect, it } from 'vitest';
import { Processor } from '../../../broker/host/processor.ts';

const loud = { name: 'flood' };
const pump = { name: 'pump' };

describe('a processor that does ten packets a second', () => {
  it('turns to whoever comes while it is idle', () => {
    expect(new Processor(10).waitMs(pump, 0)).toBe(0);
  });

  it('goes on with all that one session has sent by then, and lets the next wait for all of it', () => {
    const processor = new Processor(10);
    for (let packet = 0; packet < 20; packet++) {
      expect(processor.waitMs(loud, 0)).toBe(0);
      processor.take(loud, 0);
    }
    expect(processor.waitMs(pump, 0)).toBe(2_000);
    expect(processor.waitMs(pump, 1_999)).toBe(1);
    expect(processor.waitMs(pump, 2_000)).toBe(0);
  });

  it('lets the same session wait, too, with what it sends later', () => {
    const processor = new Processor(10);
    processor.take(loud, 0);
    expect(processor.waitMs(loud, 50)).toBe(50);
  });

  it('has less time for others for what it hands out', () => {
    const processor = new Processor(10);
    processor.work(30, 0);
    expect(processor.waitMs(pump, 0)).toBe(3_000);
  });
});
