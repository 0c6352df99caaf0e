import {
  CONTROL_IDS,
  CONTROLS,
  type ControlId,
  type EvidenceEvent,
  LAYERS,
  type Layer,
} from '../../../protocol/index.ts';
import type {
  Effect,
  MatrixAttack,
  RehearsalReport,
  Rehearsed,
  RunDetail,
} from '../../../scenarios/index.ts';
import { NO_CONSEQUENCES } from '../../helpers/consequences.ts';
import { evidence } from '../engine/observed.ts';

/** A report with so many attacks, made up but of the right shape: strong, weak, and with residuals. The same each time. */
export function sampleReport(attacks = 6, title = (n: number) => `Attack number ${n}`): RehearsalReport {
  const rows = Array.from({ length: attacks }, (_, n) => matrixAttack(n, title(n)));
  return {
    version: 1,
    tool: 'pumprange 0.1.0',
    madeAt: '2026-03-04T05:06:07.000Z',
    matrix: {
      version: 1,
      posture: 'layered',
      attacks: rows,
      unreviewedResiduals: rows
        .slice(0, 1)
        .map(({ id, firmware }) => ({ attack: id, firmware, domain: 'device' as const })),
      idleControls: ['modern-tls'],
      care: [
        {
          id: 'night-shift',
          title: 'A night on the ward',
          brokenBy: [],
          brokenByAll: false,
          falseAlerts: [],
        },
        {
          id: 'transfer',
          title: 'A patient moves',
          brokenBy: ['rate-limit'],
          brokenByAll: false,
          falseAlerts: ['flood'],
        },
      ],
      runs: attacks * 80,
      wallMs: attacks * 8_000,
    },
    residuals: [
      {
        attack: 'attack-1',
        domains: ['broker'],
        reason: 'Whoever has the broker has what it forwards.',
        bound: 'At most 1 mL over the order until the pump asks at the bedside.',
        upTo: { overMl: 1, underMl: 0, recordsRead: 0, alarmsMissed: 0, offlinePumpMinutes: 0 },
        mends: 'Signatures that a pump checks on firmware 1.2.0.',
      },
    ],
    rehearsed: rows.map((row, n) => rehearsed(row, n)),
  };
}

function matrixAttack(n: number, title: string): MatrixAttack {
  const pick = (index: number, of: number): boolean => (n * 7 + index * 5) % of === 0;
  const effect = (index: number): Effect =>
    pick(index, 11)
      ? 'stops'
      : pick(index, 13)
        ? 'limits'
        : pick(index, 17)
          ? 'contains'
          : pick(index, 19)
            ? 'detects'
            : 'none';
  const alone = record(CONTROL_IDS, effect);
  const standing = CONTROL_IDS.filter((id) => ['stops', 'limits', 'contains'].includes(alone[id] ?? 'none'));
  return {
    id: `attack-${n}`,
    firmware: n % 3 === 0 ? 'vulnerable' : n % 3 === 1 ? null : 'patched',
    title,
    presupposes: [],
    succeedsBare: true,
    mendedByFirmware: false,
    boundedBare: false,
    all: n === 4 ? 'none' : 'stops',
    boundedByAll: n !== 4,
    alone,
    removed: record(CONTROL_IDS, (index) => (n % 5 === 2 && index === 14 ? 'none' : 'stops')),
    inferred: CONTROL_IDS.filter((_, index) => index % 3 === 0),
    domainLost: record(
      LAYERS,
      (index): Effect => (n < 2 && index === 2 ? 'detects' : n === 0 && index === 8 ? 'none' : 'stops'),
    ),
    layers: LAYERS.filter((layer) => standing.some((id) => CONTROLS[id].layer === layer)),
    residual: LAYERS.filter((_, index) => (n < 2 && index === 2) || (n === 0 && index === 8)),
    residualHarm: {},
    unscored: [],
  };
}

function record<K extends ControlId | Layer>(
  keys: readonly K[],
  effect: (index: number) => Effect,
): Partial<Record<K, Effect>> {
  return Object.fromEntries(keys.map((key, index) => [key, effect(index)])) as Partial<Record<K, Effect>>;
}

function rehearsed({ id, firmware, title }: MatrixAttack, n: number): Rehearsed {
  const over = n % 2 === 0 ? 3.25 + n : 0;
  return {
    id,
    firmware,
    title,
    family: 'attack',
    summary:
      'A pump left the hospital with its key inside. Somebody uses it to command another rate on a pump that is infusing.',
    references: [
      {
        source: 'ATT&CK for ICS',
        id: n % 2 === 0 ? 'T0855' : 'T0859',
        note: 'Unauthorized command message.',
      },
      { source: 'CVE', id: 'CVE-2014-5406' },
    ],
    success: ['the patient gets at least 2 mL more than ordered'],
    runs: [
      sampleRun(id, title, 'bare', { overMl: over, recordsRead: n % 2 === 1 ? 3 : 0 }),
      sampleRun(id, title, 'all', { overMl: 0, recordsRead: 0 }),
    ],
  };
}

/** One run of eight minutes: a therapy from the first minute on, two red steps, and in `all` a denial and an alert. */
export function sampleRun(
  id: string,
  title: string,
  cell: 'bare' | 'all',
  { overMl, recordsRead }: { readonly overMl: number; readonly recordsRead: number },
): RunDetail {
  const held = cell === 'all';
  const denial: EvidenceEvent = evidence({
    event: 'publish.denied',
    outcome: 'denied',
    control: 'topic-authorization',
    subject: 'urn:pumprange:pump:LVP-0009',
    object: 'pumps/LVP-0001/command',
    cause: 'a pump publishes its own topics only',
    simulatedMs: 180_000,
  });
  return {
    cell: { cell },
    command: `npx pumprange run ${id}${held ? '' : ' --bare'}`,
    result: {
      id,
      title,
      family: 'attack',
      posture: held ? 'layered' : 'bare',
      broker: 'embedded',
      seed: 1,
      verdict: 'pass',
      judged: false,
      expectations: [],
      timeMode: 'lockstep',
      attack: {
        succeeded: !held,
        bounded: held,
        predicates: [
          {
            id: 'more-than-ordered',
            what: 'the patient gets at least 2 mL more than ordered',
            expected: 'at least 2 mL',
            actual: `${overMl} mL`,
            held: !held,
          },
        ],
        brokenSteps: [],
        harm: { overMl, underMl: 0, recordsRead, alarmsMissed: 0, offlinePumpMinutes: held ? 0 : 2.5 },
        withinBound: held,
        detectedAfterMs: held ? 60_000 : null,
        containedAfterMs: held ? 150_000 : null,
        contained: held,
      },
      consequences: NO_CONSEQUENCES,
      harm: {
        overMl,
        underMl: 0,
        assumptions: { accuracyShare: 0.05, accuracyMl: 0.1 },
        channels: [
          {
            serial: 'LVP-0001',
            channel: 'A',
            deliveredMl: 2.5 + overMl,
            intendedMl: 2.4,
            overMl,
            underMl: 0,
          },
        ],
      },
      stoppedBy: held ? ['topic-authorization', 'signed-commands'] : [],
      detectedBy: held ? ['command-by-no-clinician'] : [],
      simulatedMs: 480_000,
      wallMs: 100,
    },
    pumps: ['LVP-0001', 'LVP-0002'],
    steps: [
      step('connect', 'red', 'buyer of a second-hand pump', 'connect', 'stolen', 'succeeded', 120_000),
      step(
        'command',
        'red',
        'buyer of a second-hand pump',
        'publish-command',
        'LVP-0001',
        held ? 'refused' : 'succeeded',
        180_000,
      ),
      step(
        'revoke',
        'blue',
        'security operations',
        'revoke',
        'LVP-0009',
        held ? 'succeeded' : 'skipped',
        270_000,
      ),
    ],
    curves: [
      {
        serial: 'LVP-0001',
        channel: 'A',
        ordered: [[60_000, 20]],
        delivered:
          overMl > 0
            ? [
                [60_000, 20],
                [180_000, 20 + overMl * 12],
              ]
            : [[60_000, 20]],
      },
    ],
    reached: recordsRead > 0 ? ['pumps/LVP-0001/patient', 'pumps/LVP-0002/patient'] : [],
    alarms: [
      {
        serial: 'LVP-0001',
        channel: 'A',
        alarm: 'near-end-of-infusion',
        priority: 'low',
        change: 'raised',
        atMs: 420_000,
      },
    ],
    alerts: held
      ? [
          {
            rule: 'command-by-no-clinician',
            level: 'high',
            subject: 'urn:pumprange:pump:LVP-0009',
            sinceMs: 180_000,
            atMs: 180_000,
          },
        ]
      : [],
    evidence: held ? [denial, { ...denial, control: 'signed-commands', event: 'command.refused' }] : [],
  };
}

function step(
  id: string,
  team: 'red' | 'blue',
  actor: string,
  verb: string,
  object: string,
  outcome: 'succeeded' | 'refused' | 'skipped',
  atMs: number,
): RunDetail['steps'][number] {
  return {
    id,
    team,
    actor,
    verb,
    object,
    outcome,
    detail: outcome === 'refused' ? 'the session was closed' : '',
    atMs,
  };
}
