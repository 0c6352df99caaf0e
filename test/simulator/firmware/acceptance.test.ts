import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { FirmwarePersonality } from '../../../protocol/firmware/index.ts';
import { CONTROL_IDS, type FirmwareManifest, type Identity } from '../../../protocol/index.ts';
import { acceptFirmware, type FirmwareOffer } from '../../../simulator/firmware/index.ts';
import { samplePackage } from '../../helpers/firmware.ts';

const RUNNING: FirmwarePersonality = {
  model: 'lvp',
  version: '1.1.0',
  securityEpoch: 2,
  weaknesses: [],
  selfTest: 'passes',
  components: [{ name: 'communication-engine', version: '2.1.0' }],
  dependencies: [],
};
const RESIDENT = [{ name: 'bootloader', version: '1.4.0' }];
const needing = (component: string, minimumVersion: string): FirmwarePersonality => ({
  ...NEXT,
  dependencies: [{ component, minimumVersion }],
});
const NEXT: FirmwarePersonality = { ...RUNNING, version: '1.2.0', securityEpoch: 3 };
const OLD: FirmwarePersonality = { ...RUNNING, version: '1.0.0', securityEpoch: 1 };
const VENDOR: Identity = { kind: 'vendor', id: 'acme' };
const BIOMED: Identity = { kind: 'biomed', id: 'berta' };

function offer(
  change: Partial<FirmwareOffer> = {},
  personality = NEXT,
  body: Partial<FirmwareManifest> = {},
): FirmwareOffer {
  const packageBytes = samplePackage(personality, 100);
  return {
    manifest: {
      document: 'firmware-manifest',
      version: 1,
      model: personality.model,
      firmwareVersion: personality.version,
      sequence: 1,
      securityEpoch: personality.securityEpoch,
      digest: createHash('sha256').update(packageBytes).digest('hex'),
      sizeBytes: packageBytes.length,
      dependencies: personality.dependencies,
      notAfter: '2026-04-01T00:00:00.000Z',
      ...body,
    },
    packageBytes,
    signers: [{ identity: VENDOR }, { identity: BIOMED }],
    running: { personality: RUNNING, highestEpoch: 2, residentComponents: RESIDENT },
    controls: new Set(CONTROL_IDS),
    nowMs: Date.parse('2026-03-01T08:00:00.000Z'),
    ...change,
  };
}

const without = (...off: string[]) => new Set(CONTROL_IDS.filter((id) => !off.includes(id)));
const weak = (...weaknesses: FirmwarePersonality['weaknesses']) => ({
  personality: { ...RUNNING, weaknesses },
  highestEpoch: 2,
  residentComponents: RESIDENT,
});

describe('an offered firmware', () => {
  it('is accepted when everything holds', () => {
    expect(acceptFirmware(offer())).toEqual({ accepted: true, personality: NEXT });
  });

  it.each<[string, FirmwareOffer, string | null]>([
    ['nobody signed', offer({ signers: [] }), 'signed-firmware'],
    ['the vendor did not sign', offer({ signers: [{ identity: BIOMED }] }), 'signed-firmware'],
    ['the hospital did not sign', offer({ signers: [{ identity: VENDOR }] }), 'hospital-countersignature'],
    ['it is a downgrade', offer({}, OLD), 'anti-rollback'],
    ['the release has expired', offer({ nowMs: Date.parse('2027-01-01T00:00:00.000Z') }), 'anti-rollback'],
    ['the package was changed', offer({ packageBytes: samplePackage(NEXT, 101) }), 'signed-firmware'],
    ['it is for another model', offer({}, { ...NEXT, model: 'pca' }), null],
    ['the release promises a higher epoch than the package has', offer({}, OLD, { securityEpoch: 9 }), null],
    ['it needs a part that is too old here', offer({}, needing('bootloader', '1.4.1')), null],
    ['it needs a part that is not here', offer({}, needing('radio', '1.0.0')), null],
    ['it needs more of what runs', offer({}, needing('communication-engine', '3.0.0')), null],
    [
      'its manifest keeps silent on what it needs',
      offer({}, needing('bootloader', '1.0.0'), { dependencies: [] }),
      null,
    ],
  ])('is refused when %s', (_, given, control) => {
    expect(acceptFirmware(given)).toMatchObject({ accepted: false, control });
  });

  it.each<[string, FirmwareOffer]>([
    [
      'signed-firmware',
      offer({ signers: [], controls: without('signed-firmware', 'hospital-countersignature') }),
    ],
    [
      'hospital-countersignature',
      offer({ signers: [{ identity: VENDOR }], controls: without('hospital-countersignature') }),
    ],
    ['anti-rollback', offer({ controls: without('anti-rollback') }, OLD)],
  ])('passes once %s is off', (_, given) => {
    expect(acceptFirmware(given).accepted).toBe(true);
  });

  it('is accepted where the pump has what it needs, of its own or of the running firmware', () => {
    expect(acceptFirmware(offer({}, needing('bootloader', '1.4.0'))).accepted).toBe(true);
    expect(acceptFirmware(offer({}, needing('communication-engine', '2.0.9'))).accepted).toBe(true);
  });

  it('says which part is missing, and what there is instead', () => {
    const refused = acceptFirmware(offer({}, needing('bootloader', '2.0.0')));
    expect(refused).toMatchObject({ reason: 'it needs bootloader 2.0.0, this pump has 1.4.0' });
  });

  it('passes once the running firmware is weak, whatever the posture', () => {
    expect(acceptFirmware(offer({ signers: [], running: weak('accepts-unsigned-firmware') })).accepted).toBe(
      true,
    );
    expect(acceptFirmware(offer({ running: weak('accepts-downgrade') }, OLD)).accepted).toBe(true);
    const vendorOnly = offer({ signers: [{ identity: VENDOR }], running: weak('skips-countersignature') });
    expect(acceptFirmware(vendorOnly).accepted).toBe(true);
  });

  it('is refused with other bytes even where nothing is signed', () => {
    const given = offer({ packageBytes: Buffer.from('{}'), controls: new Set() });
    expect(acceptFirmware(given)).toMatchObject({ accepted: false, control: null });
  });
});
