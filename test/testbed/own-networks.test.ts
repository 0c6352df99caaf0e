import { describe, expect, test } from 'vitest';
import { isOurs } from '../../protocol/index.ts';
import { defaultGateways } from '../../testbed/default-gateways.ts';
import { admitAddresses, type Surroundings, whyNotOurs } from '../../testbed/own-networks.ts';

const LAB: Surroundings = {
  namespace: '4:11',
  firstNamespace: '4:1',
  labNamespaces: ['4:10', '4:11'],
  isContainer: false,
  composeRouter: undefined,
  gateways: ['10.18.20.1'],
};
const CONTAINER: Surroundings = {
  namespace: '4:12',
  firstNamespace: '4:12',
  labNamespaces: [],
  isContainer: true,
  composeRouter: '10.18.20.1',
  gateways: ['10.18.20.1'],
};

describe('private addresses may be used', () => {
  test.each([
    ['in a namespace of the lab', LAB],
    ['in a container of the compose file', CONTAINER],
    ['in one that knows no way out at all', { ...CONTAINER, gateways: [] }],
  ])('%s', (_where, at) => {
    expect(whyNotOurs(at)).toBeUndefined();
  });
});

describe('private addresses may not be used', () => {
  test.each<[string, Surroundings, RegExp]>([
    ['on the machine itself', { ...LAB, namespace: '4:1' }, /neither in a network namespace/],
    ['in a namespace of somebody else', { ...LAB, namespace: '4:99' }, /neither in a network namespace/],
    ['where a lab is named after the machine itself', { ...LAB, firstNamespace: '4:11' }, /neither/],
    ['where nobody may know whose namespace it is', { ...LAB, firstNamespace: undefined }, /may not see/],
    ['where there are no namespaces', { ...LAB, namespace: undefined }, /neither/],
    ['in a container of somebody else', { ...CONTAINER, composeRouter: undefined }, /neither/],
    ['where the environment alone says that it is one', { ...CONTAINER, isContainer: false }, /neither/],
    [
      'in one with another way out',
      { ...CONTAINER, gateways: ['10.18.20.1', '172.17.0.1'] },
      /172\.17\.0\.1/,
    ],
    ['in one with a way out without a gateway', { ...CONTAINER, gateways: [null] }, /without a gateway/],
  ])('%s', (_where, at, reason) => {
    expect(whyNotOurs(at)).toMatch(reason);
    expect(() => admitAddresses(['10.18.20.20'], () => at)).toThrow(
      expect.objectContaining({ code: 'PR_GUARDRAIL' }),
    );
    expect(isOurs('10.18.20.20')).toBe(false);
  });
});

test('public addresses may not be used anywhere', () => {
  for (const address of ['8.8.8.8', '2001:db8::1', 'fe80::1', '0.0.0.0', '::', 'broker', '172.32.0.1']) {
    expect(() => admitAddresses([address], () => LAB)).toThrow(/neither loopback nor/);
  }
});

test('loopback asks nobody', () => {
  const look = (): Surroundings => {
    throw new Error('it looked');
  };
  expect(() => admitAddresses(['127.0.0.1', '::1'], look)).not.toThrow();
});

test('default routes are read as Linux tells them', () => {
  const ipv4 = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t0114120A\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'eth0\t0014120A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0',
    '*\t00000000\t00000000\t0200\t0\t0\t0\t00000000\t0\t0\t0',
  ].join('\n');
  const zero = '0'.repeat(32);
  const ipv6 = [
    `${zero} 00 ${zero} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0`,
    `${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200 lo`,
    `fe800000000000000000000000000000 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001 eth0`,
  ].join('\n');
  expect(defaultGateways(ipv4, ipv6)).toEqual([
    '10.18.20.1',
    null,
    'fe80:0000:0000:0000:0000:0000:0000:0001',
  ]);
  expect(defaultGateways('', '')).toEqual([]);
});
