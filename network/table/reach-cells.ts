import { type IpVersion, passageOf, type TransportProtocol, type ZonePolicy } from '../plan/policy.ts';
import type { ReachAnswer } from '../probe/answer.ts';
import type { Cell } from './document.ts';
import type { ProbedFloor } from './floor.ts';
import { judgeReach, type StaticVerdict } from './judgement.ts';
import { addressOf, type ProbedPort, portsOf, type Source, type Target } from './places.ts';

/** A packet that opens a conversation, as the ruleset is asked about it. */
export interface Opening {
  readonly ipVersion: IpVersion;
  readonly protocol: TransportProtocol;
  readonly fromZone: string;
  readonly from: string;
  readonly toZone: string;
  readonly to: string;
  readonly port: number;
}

/** What a table is made for. */
export interface TableGround {
  readonly policy: ZonePolicy;
  readonly floor: ProbedFloor;
  /** When, for conduits that close at a date; the machine's time, since the probes are real. */
  readonly atMs: number;
  readonly ipVersions: readonly IpVersion[];
  /** What the ruleset that is loaded does with a packet between two zones. */
  readonly judge: (opening: Opening) => StaticVerdict;
}

/** One question to the network: from here, does that port answer? */
export interface ReachQuestion {
  readonly source: Source;
  readonly target: Target;
  readonly port: ProbedPort;
  readonly opening: Opening;
}

/** Everybody to everything, on both versions of IP; nobody to itself, and devices of an isolated zone not to each other. */
export function reachQuestions(
  sources: readonly Source[],
  targets: readonly Target[],
  ground: TableGround,
): readonly ReachQuestion[] {
  const { policy, ipVersions } = ground;
  return ipVersions.flatMap((ipVersion) =>
    targets.flatMap((target) => {
      const asset = policy.assets.get(target.asset);
      const to = addressOf(target.addresses, ipVersion);
      if (asset === undefined || to === undefined) return [];
      const ports = portsOf(asset);
      return sources.flatMap((source) => {
        const from = addressOf(source.addresses, ipVersion);
        if (from === undefined || from === to || isLocal(source, target, ground)) return [];
        return ports.map((port) => {
          const zones = { fromZone: source.zone, toZone: target.zone };
          const opening = { ipVersion, protocol: port.protocol, from, to, port: port.port, ...zones };
          return { source, target, port, opening };
        });
      });
    }),
  );
}

/** Devices of one zone share a namespace of the lab, in which nothing could isolate them: only its visitor shows that they are. */
function isLocal(source: Source, target: Target, { policy }: TableGround): boolean {
  const isIsolated = policy.zones.get(source.zone)?.isOpenInside === false;
  return source.asset !== undefined && source.zone === target.zone && isIsolated;
}

/** What came of a question, beside what should have and what the ruleset says. */
export function reachCell(question: ReachQuestion, answer: ReachAnswer, ground: TableGround): Cell {
  const { source, target, port, opening } = question;
  const { policy, atMs, floor } = ground;
  const sender = { zone: source.zone, asset: source.asset };
  const passage = passageOf(policy, sender, { asset: target.asset, ...port }, atMs, opening.ipVersion);
  const judged = judgeReach({
    ...{ passage, answer, listens: floor.listens(target, port) },
    verdict: source.zone === target.zone ? withinZone(source.zone, ground) : ground.judge(opening),
  });
  return {
    ...{ from: source.name, fromZone: source.zone, to: target.asset, device: target.device },
    ...{ address: opening.to, ipVersion: opening.ipVersion, layer: 'l3-l4' },
    ...(port.service !== undefined && { service: port.service }),
    ...{ probe: `${port.protocol}/${port.port}`, method: METHODS[port.protocol], actual: answer.outcome },
    ...judged,
    ...{ detail: answer.detail, ms: answer.ms },
  };
}

/** What stays within a zone does not pass the router. */
function withinZone(zone: string, { policy }: TableGround): StaticVerdict {
  return policy.zones.get(zone)?.isOpenInside === true
    ? { verdict: 'accept', rule: 'neighbours' }
    : { verdict: 'drop', rule: 'isolation' };
}

const METHODS = { tcp: 'TCP connect', udp: 'UDP datagram' } as const;
