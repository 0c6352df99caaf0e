import { describe, expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { createMemoryPki } from '../../../pki/index.ts';
import { type ControlId, verifySignatures } from '../../../protocol/index.ts';
import { ShellRig } from './shell-rig.ts';

const pki = createMemoryPki({
  clock: new HeapClock(Date.parse('2026-03-02T06:00:00Z')),
  evidence: () => undefined,
});

async function heard(firmware: string, controls: readonly ControlId[]) {
  const said: string[] = [];
  const rig = new ShellRig({
    firmware,
    controls: new Set(controls),
    onSaid: (topic, text) => said.push(`${topic} ${text}`),
  });
  const signed = new ShellRig({
    firmware,
    controls: new Set(controls),
    credential: () => pki.credentialFor({ kind: 'pump', id: rig.pump.serial }),
    onSaid: (topic, text) => said.push(`${topic} ${text}`),
  });
  await signed.start();
  signed.pump.bedside('nurse', { action: 'power-on', newPatient: true });
  await signed.run(120_000);
  const own = signed.heard.filter(({ message }) => message.from.includes(':pump:'));
  return { rig: signed, own, said };
}

describe('a pump whose posture and firmware sign', () => {
  test('signs all that it says of itself, each signature good', async () => {
    const { own, rig, said } = await heard('1.2.0', ['signed-uplink']);
    expect(new Set(own.map(({ message }) => message.type))).toEqual(
      new Set(['status', 'telemetry', 'event']),
    );
    const chain = pki.credentialFor({ kind: 'pump', id: rig.pump.serial }).chainDer;
    const judge = pki.judge({ revocation: true });
    for (const { message, topic } of own) {
      const [verdict] = verifySignatures(message, judge, 'uplink-signing', rig.clock.now(), () => chain);
      expect(verdict, topic).toMatchObject({
        accepted: true,
        identity: { kind: 'pump', id: rig.pump.serial },
      });
    }
    expect(said).toContain(`${own.at(-1)?.topic} ${JSON.stringify(own.at(-1)?.message)}`);
    const [will] = said;
    expect(JSON.parse(will?.slice(will.indexOf('{')) ?? '')).toMatchObject({
      body: { link: 'offline' },
      signatures: [{}],
    });
  });
});

test.each([
  ['1.0.0', ['signed-uplink']],
  ['1.2.0', []],
] as const)('firmware %s under %j signs nothing', async (firmware, controls) => {
  const { own } = await heard(firmware, [...controls]);
  expect(own.length).toBeGreaterThan(5);
  expect(own.filter(({ message }) => message.signatures !== undefined)).toEqual([]);
});
