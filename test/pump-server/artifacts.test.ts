import { describe, expect, it } from 'vitest';
import { Artifacts } from '../../pump-server/artifacts.ts';
import { digestOf } from '../../pump-server/digest.ts';
import { Bench, FakePump, OTHER, SERIAL } from './fake-link.ts';
import { releaseLibrary } from './releases/people.ts';

const pump = new FakePump();

async function serving(contentBytes: Buffer) {
  const bench = new Bench();
  const link = bench.online();
  const { body } = await releaseLibrary(bench, { contentBytes });
  link.published.length = 0;
  bench.evidence.length = 0;
  return { bench, link, digest: body.manifest.digest };
}

describe('artefacts', () => {
  it('are sent in chunks as they are asked for, and arrive whole', async () => {
    const content = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 31) % 251));
    const { bench, link, digest } = await serving(content);
    const parts: Buffer[] = [];
    for (let offset = 0; offset < content.length; ) {
      bench.receive(`artifacts/${digest}/request/${SERIAL}`, pump.request(offset, 65_536));
      const [chunk] = link.on(`artifacts/${digest}/chunk/${SERIAL}/${offset}`);
      expect(chunk).toMatchObject({ qos: 1, retain: false });
      parts.push(chunk!.payload);
      offset += chunk!.payload.length;
    }
    expect(parts.map(({ length }) => length)).toEqual([65_536, 65_536, 65_536, 3_392]);
    expect(Buffer.concat(parts).equals(content)).toBe(true);
  });

  it('are never sent in pieces of more than 64 KiB', () => {
    const artifacts = new Artifacts();
    const content = Buffer.alloc(300_000);
    artifacts.keep(content);
    const chunk = artifacts.chunk(digestOf(content), 0, 262_144);
    expect(chunk).toMatchObject({ found: true });
    expect(chunk.found && chunk.bytes.length).toBe(65_536);
  });

  it.each([
    ['an unknown digest', '0'.repeat(64), 0, 'there is no such artefact'],
    ['an offset behind the end', undefined, 10, 'offset 10 is beyond its 10 bytes'],
  ])('are not sent for %s, which the evidence tells', async (_what, asked, offset, cause) => {
    const { bench, link, digest } = await serving(Buffer.alloc(10, 1));
    const topic = `artifacts/${asked ?? digest}/request/${SERIAL}`;
    bench.receive(topic, pump.request(offset, 10));
    expect(link.published).toEqual([]);
    expect(bench.evidence).toMatchObject([
      {
        event: 'artifact.request-ignored',
        outcome: 'denied',
        subject: 'urn:pumprange:pump:LVP-0001',
        object: topic,
        cause,
      },
    ]);
  });

  it('are not sent to a pump for which another one asks', async () => {
    const { bench, link, digest } = await serving(Buffer.alloc(10, 1));
    bench.receive(`artifacts/${digest}/request/${OTHER}`, pump.request(0, 10));
    expect(link.published).toEqual([]);
    expect(bench.seen('message.misattributed')).toHaveLength(1);
  });
});
