import { describe, expect, it } from 'vitest';
import { HeldBytes } from '../../../broker/host/held-bytes.ts';

function held(most: number): { bytes: HeldBytes; killed: () => number } {
  let times = 0;
  const bytes = new HeldBytes(most, () => {
    times += 1;
  });
  return { bytes, killed: () => times };
}

describe('what a broker holds', () => {
  it('is what is retained, each topic once, and nothing of an empty payload', () => {
    const { bytes } = held(1_000);
    bytes.retain('a', 100);
    bytes.retain('a', 40);
    bytes.retain('b', 10);
    bytes.retain('b', 0);
    expect(bytes.bytes).toBe(40);
  });

  it('is what came with QoS 2 until it is released, each packet identifier once', () => {
    const { bytes } = held(1_000);
    bytes.receive('pump:LVP-0001', 7, 100);
    bytes.receive('pump:LVP-0001', 7, 100);
    bytes.receive('pump:LVP-0001', 8, 10);
    bytes.release('pump:LVP-0001', 7);
    bytes.release('pump:LVP-0001', 99);
    expect(bytes.bytes).toBe(10);
  });

  it('goes with a session that is not kept', () => {
    const { bytes } = held(1_000);
    bytes.receive('observer:x', 1, 100);
    bytes.receive('observer:y', 1, 10);
    bytes.forget('observer:x');
    expect(bytes.bytes).toBe(10);
  });

  it('is told once that it is too much', () => {
    const { bytes, killed } = held(100);
    bytes.retain('a', 100);
    expect(killed()).toBe(0);
    bytes.retain('b', 1);
    bytes.retain('c', 1);
    expect(killed()).toBe(1);
  });
});
