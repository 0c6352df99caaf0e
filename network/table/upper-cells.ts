import type { MqttResult, ServiceAnswer, TlsAnswer } from '../probe/answer.ts';
import type { Cell, Outcome, TableLayer } from './document.ts';
import type { MqttRule, MqttService, TlsService, TlsVisitor } from './floor.ts';
import { judgeUpper } from './judgement.ts';
import type { ReachQuestion } from './reach-cells.ts';

/** A port that was asked about, and what came of it: what the layers above it stand on. */
export interface Below {
  readonly question: ReachQuestion;
  readonly cell: Cell;
}

interface Found {
  readonly layer: TableLayer;
  readonly role?: string;
  readonly probe: string;
  readonly method: string;
  readonly expected: Outcome;
  readonly by: string;
  readonly unreachable: Outcome;
  readonly actual: Outcome;
  readonly detail: string;
  readonly ms: number;
}

/** @param answer absent: the port did not answer, so nobody shook hands */
export function tlsCell(below: Below, visitor: TlsVisitor, answer: TlsAnswer | undefined): Cell {
  const { role, expected, by } = visitor;
  return upperCell(below, {
    ...{ layer: 'tls', role, probe: 'handshake', method: 'TLS handshake', expected, by },
    ...{ unreachable: 'unreachable', actual: answer?.outcome ?? 'unreachable' },
    ...said(answer, below),
  });
}

/** @param result absent: the port did not answer */
export function mqttCell(below: Below, rule: MqttRule, result: MqttResult | undefined): Cell {
  const { role, does, topics, expected, by } = rule;
  const probe = topics === '' ? does : `${does} ${topics}`;
  return upperCell(below, {
    ...{ layer: 'mqtt', role, probe, method: METHODS[does], expected, by, unreachable: 'unreachable' },
    actual: result?.outcome ?? 'unreachable',
    ...said(result, below),
  });
}

/** @param answer absent: the port did not answer */
export function serviceCell(below: Below, answer: ServiceAnswer | undefined): Cell {
  return upperCell(below, {
    ...{ layer: 'pump-services', probe: below.cell.service ?? below.cell.probe, method: 'greeting and BYE' },
    ...{ expected: 'reached', by: `the service of ${below.cell.to}`, unreachable: 'not reached' },
    actual: answer?.outcome ?? 'not reached',
    ...said(answer, below),
  });
}

const METHODS = { connect: 'CONNECT', subscribe: 'SUBSCRIBE', publish: 'PUBLISH, QoS 1' } as const;

/** What the wire said of this layer, or of the one below where that was all. */
function said(
  answer: { readonly detail: string; readonly ms: number } | undefined,
  { cell }: Below,
): { readonly detail: string; readonly ms: number } {
  return answer === undefined
    ? { detail: `${cell.actual} below: ${cell.detail}`, ms: 0 }
    : { detail: answer.detail, ms: answer.ms };
}

function upperCell(
  { cell }: Below,
  { layer, role, probe, method, expected, by, unreachable, actual, detail, ms }: Found,
): Cell {
  const judged = judgeUpper({ below: cell, expected, by, unreachable, actual });
  const { from, fromZone, to, device, address, ipVersion, service } = cell;
  return {
    ...{ from, fromZone, ...(role !== undefined && { role }), to, device, address, ipVersion, layer },
    ...(service !== undefined && { service }),
    ...{ probe, method, actual, ...judged, detail, ms },
  };
}

export function isTlsOf({ asset, service }: TlsService | MqttService, { question }: Below): boolean {
  return question.target.asset === asset && question.port.service === service;
}
