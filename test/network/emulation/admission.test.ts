import { sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { HeapClock, seededRandom, unsettled } from '../../../clock/index.ts';
import type { Supplicant } from '../../../network/emulation/credentials.ts';
import { Network } from '../../../network/emulation/network.ts';
import { createMemoryPki, type Pki, pemBlocks } from '../../../pki/index.ts';
import type { ControlId, EvidenceEntry, Identity } from '../../../protocol/index.ts';
import { loadWardData } from '../../../testbed/index.ts';

const START_MS = Date.parse('2026-03-02T06:00:00Z');
const { zones } = loadWardData();
const PUMP: Identity = { kind: 'pump', id: 'LVP-0001' };
const NOBODY: Supplicant = { chainDer: [], sign: () => new Uint8Array() };

interface Bench {
  readonly network: Network;
  readonly pki: Pki;
  readonly evidence: EvidenceEntry[];
}

function bench(...controls: readonly ControlId[]): Bench {
  const clock = new HeapClock(START_MS);
  const pki = createMemoryPki({ clock });
  const evidence: EvidenceEntry[] = [];
  const network = new Network({
    ...{ clock, settling: unsettled, random: seededRandom(7), ...zones, hasAddresses: true },
    controls: new Set(controls),
    judge: pki.judge({ revocation: controls.includes('certificate-revocation') }),
    evidence: (entry) => evidence.push(entry),
  });
  return { network, pki, evidence };
}

function supplicant(pki: Pki, identity: Identity): Supplicant {
  const { chainPem, privateKeyPem } = pki.credentialFor(identity);
  return {
    chainDer: pemBlocks(chainPem, 'CERTIFICATE'),
    sign: (challenge) => sign('sha256', challenge, privateKeyPem),
  };
}

describe('without the control', () => {
  test('whoever plugs in gets an address of the zone, and the evidence says that somebody came', () => {
    const { network, evidence } = bench('zone-segmentation');
    expect(network.join('medical-devices', NOBODY)).toMatchObject({
      admitted: true,
      zone: 'medical-devices',
    });
    expect(evidence).toMatchObject([
      { event: 'network.joined', outcome: 'allowed', object: 'medical-devices', control: null },
    ]);
  });
});

describe('with the control', () => {
  test('a pump is admitted to the zone of pumps, by its certificate and its key', () => {
    const { network, pki, evidence } = bench('zone-segmentation', 'network-admission');
    const joined = network.join('medical-devices', supplicant(pki, PUMP));
    expect(joined).toMatchObject({ admitted: true, zone: 'medical-devices' });
    expect(network.zoneOf(joined.address ?? '')).toBe('medical-devices');
    expect(evidence).toMatchObject([
      {
        event: 'network.joined',
        subject: 'urn:pumprange:pump:LVP-0001',
        control: 'network-admission',
        zone: 'medical-devices',
      },
    ]);
  });

  test.each([
    ['no certificate', () => NOBODY, /no-certificate/],
    [
      'a certificate of another kind',
      (pki: Pki) => supplicant(pki, { kind: 'vendor', id: 'vendor-01' }),
      /vendor-01 is not admitted to medical-devices/,
    ],
    [
      'the certificate of a pump and another key',
      (pki: Pki) => ({
        ...supplicant(pki, PUMP),
        sign: supplicant(pki, { kind: 'pump', id: 'LVP-0002' }).sign,
      }),
      /does not hold the key/,
    ],
    [
      'the certificate of a pump and no key',
      (pki: Pki) => ({ ...supplicant(pki, PUMP), sign: () => new Uint8Array() }),
      /does not hold the key/,
    ],
    [
      'a certificate of somebody else’s authority',
      () => supplicant(createMemoryPki({ clock: new HeapClock(START_MS) }), PUMP),
      /unknown-issuer|bad-signature/,
    ],
  ] as const)('%s leads to the guests', (_name, comesWith, cause) => {
    const { network, pki, evidence } = bench('zone-segmentation', 'network-admission');
    const joined = network.join('medical-devices', comesWith(pki));
    expect(joined).toMatchObject({ admitted: false, zone: 'guest' });
    expect(network.zoneOf(joined.address ?? '')).toBe('guest');
    expect(evidence).toMatchObject([
      {
        event: 'network.refused',
        outcome: 'denied',
        control: 'network-admission',
        object: 'medical-devices',
      },
    ]);
    expect(evidence[0]?.cause).toMatch(cause);
  });

  test('a revoked certificate is refused by revocation, where that counts', () => {
    const { network, pki, evidence } = bench(
      'zone-segmentation',
      'network-admission',
      'certificate-revocation',
    );
    const stolen = supplicant(pki, PUMP);
    pki.revoke(PUMP, 'keyCompromise');
    expect(network.join('medical-devices', stolen).admitted).toBe(false);
    expect(evidence.at(-1)).toMatchObject({ control: 'certificate-revocation' });
  });

  test('guests are asked for nothing', () => {
    const { network } = bench('zone-segmentation', 'network-admission');
    expect(network.join('guest', NOBODY)).toMatchObject({ admitted: true, zone: 'guest' });
  });

  test('on one network for everything there is no place for guests: the port stays closed', () => {
    const { network } = bench('network-admission');
    expect(network.join('medical-devices', NOBODY)).toEqual({
      admitted: false,
      zone: undefined,
      address: undefined,
    });
  });

  test('an identity in quarantine is not admitted anew', () => {
    const { network, pki, evidence } = bench('zone-segmentation', 'network-admission', 'network-quarantine');
    network.quarantine({ identities: [PUMP], addresses: [] });
    expect(network.join('medical-devices', supplicant(pki, PUMP)).admitted).toBe(false);
    expect(evidence.at(-1)).toMatchObject({ event: 'network.refused', control: 'network-quarantine' });
    network.release({ identities: [PUMP], addresses: [] });
    expect(network.join('medical-devices', supplicant(pki, PUMP)).admitted).toBe(true);
  });
});

test('no two get one address, and none gets that of an asset', () => {
  const { network } = bench();
  const leased = Array.from({ length: 300 }, () => network.join('remote-access', NOBODY).address);
  expect(new Set(leased).size).toBe(300);
  expect(leased).not.toContain(network.addressOf('bastion'));
});
