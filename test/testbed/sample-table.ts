import { type Cell, type TruthTable, truthTable } from '../../network/index.ts';

const port: Cell = {
  ...{ from: 'guest', fromZone: 'guest', to: 'broker', device: 'broker', address: '10.18.26.10' },
  ...{ ipVersion: 'ipv4', layer: 'l3-l4', service: 'mqtt-tls', probe: 'tcp/8883', method: 'TCP connect' },
  ...{ expected: 'dropped', actual: 'dropped', static: 'dropped', agrees: true, held: true, through: false },
  ...{ by: 'default deny', detail: 'nothing in 2 × 300 ms', ms: 601 },
};
const open: Cell = {
  ...port,
  expected: 'open',
  actual: 'open',
  static: 'open',
  by: 'conduit <pumps>',
  ms: 1,
};
const pump = { from: 'pump/1', fromZone: 'medical-devices' };
const tls = { layer: 'tls', role: 'pump', probe: 'handshake', method: 'TLS handshake' } as const;
const mqtt = { layer: 'mqtt', role: 'pump', method: 'PUBLISH, QoS 1' } as const;

/** A few cells of each layer: one too wide, one that was worked out otherwise, names that are markup. */
export const SAMPLE_CELLS: readonly Cell[] = [
  port,
  {
    ...{ ...port, probe: 'tcp/22', actual: 'open', static: 'open', held: false, by: 'rule "any<script>"' },
    why: 'too wide: rule "any<script>" lets through what no conduit of the plan has; it is open',
  },
  { ...open, ...pump },
  {
    ...open,
    ...pump,
    probe: 'tcp/22',
    expected: 'dropped',
    actual: 'dropped',
    static: 'unknown',
    agrees: false,
  },
  { ...open, ...pump, ...tls, expected: 'accepted', actual: 'accepted', static: 'accepted' },
  { ...port, ...tls, expected: 'unreachable', actual: 'unreachable', static: 'unreachable' },
  {
    ...open,
    ...pump,
    ...mqtt,
    probe: 'publish telemetry',
    expected: 'allowed',
    actual: 'allowed',
    static: 'allowed',
  },
  {
    ...open,
    ...pump,
    ...mqtt,
    probe: 'publish command',
    expected: 'denied',
    actual: 'denied',
    static: 'denied',
  },
  {
    ...{
      ...open,
      from: 'bastion',
      fromZone: 'remote-access',
      to: 'pump',
      device: 'pump/1',
      service: 'console',
    },
    ...{
      layer: 'pump-services',
      probe: 'console',
      expected: 'reached',
      actual: 'reached',
      static: 'reached',
    },
  },
];

export function sampleTable(cells: readonly Cell[] = SAMPLE_CELLS): TruthTable {
  const about = { plan: 'sp1800-8', ruleset: 'rules.nft', madeAtMs: 0, msPerThousandConnects: 120 };
  return truthTable({ cells, probes: cells.length, secondLooks: 1, wallMs: 2_000 }, about);
}
