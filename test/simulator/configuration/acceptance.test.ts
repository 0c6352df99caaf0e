import { describe, expect, it } from 'vitest';
import { CONTROL_IDS, type DeviceConfiguration, type Identity } from '../../../protocol/index.ts';
import { acceptConfiguration } from '../../../simulator/configuration/index.ts';
import { configurationOf } from '../../helpers/configuration.ts';
import { modelOf } from '../pump/rig.ts';

const BIOMED: Identity = { kind: 'biomed', id: 'biomed-01' };
const SECURITY: Identity = { kind: 'security', id: 'security-01' };
const without = (...off: string[]) => new Set(CONTROL_IDS.filter((id) => !off.includes(id)));
const alarms = (change: DeviceConfiguration['settings']['alarms']): Partial<DeviceConfiguration> => ({
  settings: { ...configurationOf().settings, alarms: change },
});

function judged(
  change: Partial<Parameters<typeof acceptConfiguration>[0]> = {},
  configuration: Partial<DeviceConfiguration> = {},
) {
  return acceptConfiguration({
    configuration: configurationOf(configuration),
    signers: [{ identity: BIOMED }, { identity: SECURITY }],
    careArea: 'adult-icu',
    model: modelOf('lvp'),
    sequence: null,
    isIdle: true,
    controls: new Set(CONTROL_IDS),
    weaknesses: [],
    nowMs: Date.parse('2026-03-01T08:00:00.000Z'),
    ...change,
  });
}
const signedBy = (...identities: Identity[]) => identities.map((identity) => ({ identity }));

describe('an offered device configuration', () => {
  it('is taken if two people of biomedical engineering or security signed it, in standby', () => {
    expect(judged()).toEqual({ accepted: true });
    expect(judged({ signers: signedBy(BIOMED, { kind: 'biomed', id: 'biomed-02' }) }).accepted).toBe(true);
  });

  it.each<[string, ReturnType<typeof judged>, string | null]>([
    ['nobody signed it', judged({ signers: [] }), 'signed-configuration'],
    ['one person signed it twice', judged({ signers: signedBy(BIOMED, BIOMED) }), 'signed-configuration'],
    [
      'pharmacists signed it',
      judged({ signers: signedBy({ kind: 'pharmacist', id: 'a' }, { kind: 'pharmacist', id: 'b' }) }),
      'signed-configuration',
    ],
    ['it has expired', judged({ nowMs: Date.parse('2026-05-01T00:00:00.000Z') }), 'signed-configuration'],
    ['it goes back', judged({ sequence: 2 }), 'signed-configuration'],
    ['a therapy is under way', judged({ isIdle: false }), 'therapy-lock'],
    ['it is for another care area', judged({ careArea: 'nursery' }), null],
    ['it is for another model', judged({ model: modelOf('pca') }), null],
    ['the model knows no such limit', judged({}, alarms({ occlusionLimitMmHg: 401 })), null],
  ])('is refused when %s', (_, verdict, control) => {
    expect(verdict).toMatchObject({ accepted: false, control });
  });

  it('is refused for its signatures before the therapy is asked: what is forged never waits', () => {
    expect(judged({ signers: [], isIdle: false })).toMatchObject({ control: 'signed-configuration' });
  });

  it.each<[string, ReturnType<typeof judged>]>([
    ['signed-configuration is off', judged({ signers: [], controls: without('signed-configuration') })],
    ['therapy-lock is off', judged({ isIdle: false, controls: without('therapy-lock') })],
    [
      'the firmware takes any',
      judged({ signers: [], sequence: 9, weaknesses: ['accepts-unsigned-configuration'] }),
    ],
  ])('passes once %s', (_, verdict) => {
    expect(verdict).toEqual({ accepted: true });
  });
});
