import type { Conduit } from './plan.ts';
import {
  ANY,
  type CompiledAsset,
  type CompiledConduit,
  type CompiledZone,
  type PortRange,
} from './policy.ts';
import type { PlanProblem } from './problem.ts';

interface Parties {
  readonly zones: ReadonlyMap<string, CompiledZone>;
  readonly assets: ReadonlyMap<string, CompiledAsset>;
}

/**
 * The conduits of a plan, each with a name of its own; what cannot be goes to the problems.
 *
 * @param standing alone: one that another covers is a problem, too
 */
export function compileConduits(
  { conduits }: { readonly conduits: readonly Conduit[] },
  parties: Parties,
  problems: PlanProblem[],
  standing: 'alone' | 'beside others' = 'alone',
): readonly CompiledConduit[] {
  const compiled: CompiledConduit[] = [];
  for (const [index, conduit] of conduits.entries()) {
    const path = ['conduits', index];
    const ports = portsOf(conduit, parties, path, problems);
    if (!isSender(conduit.from, parties)) {
      const message = `there is no zone, and no asset with a \`host\`, "${conduit.from}"`;
      problems.push({ path: [...path, 'from'], message });
    }
    if (conduit.id !== undefined && compiled.some(({ name }) => name === conduit.id)) {
      problems.push({ path: [...path, 'id'], message: `"${conduit.id}" is there twice` });
    }
    compiled.push({
      name: nameOf(conduit, compiled),
      from: conduit.from,
      to: conduit.to,
      ports,
      ...(conduit.over && { over: conduit.over }),
      why: conduit.why,
      untilMs: conduit.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(conduit.until),
    });
  }
  if (standing === 'beside others') return compiled;
  for (const [index, conduit] of compiled.entries()) {
    const wider = compiled.find(
      (one, at) =>
        at !== index && covers(one, conduit, parties) && !(at > index && covers(conduit, one, parties)),
    );
    if (wider !== undefined) {
      const message = `conduit "${conduit.name}" never decides: "${wider.name}" lets all of it through. Close one of the two`;
      problems.push({ path: ['conduits', index], message });
    }
  }
  return compiled;
}

function isSender(from: string, { zones, assets }: Parties): boolean {
  const hosts = assets.get(from)?.hosts;
  return from === ANY || zones.has(from) || (hosts !== undefined && hosts[0] === hosts[1]);
}

function nameOf({ id, from, to }: Conduit, others: readonly CompiledConduit[]): string {
  if (id !== undefined) return id;
  const plain = `${from}-to-${to}`;
  const alike = others.filter(({ name }) => name === plain || name.startsWith(`${plain}-`)).length;
  return alike === 0 ? plain : `${plain}-${alike + 1}`;
}

function portsOf(
  { to, services }: Conduit,
  { zones, assets }: Parties,
  path: readonly (string | number)[],
  problems: PlanProblem[],
): CompiledConduit['ports'] {
  const targets = [...assets.values()].filter(({ id, zone }) => to === ANY || id === to || zone === to);
  if (to !== ANY && !zones.has(to) && !assets.has(to)) {
    problems.push({ path: [...path, 'to'], message: `there is no asset and no zone "${to}"` });
    return [];
  }
  if (services === 'any') return 'any';
  return services.flatMap((service): PortRange[] => {
    const [protocol, first = '', last = first] = service.split(/[/-]/);
    if ((protocol === 'tcp' || protocol === 'udp') && service.includes('/')) {
      const range = { protocol, first: Number(first), last: Number(last) } as const;
      if (range.first >= 1 && range.first <= range.last && range.last <= 65_535) return [range];
      problems.push({ path: [...path, 'services'], message: `"${service}" is no range of ports` });
      return [];
    }
    const named = targets.flatMap((target) => target.services.filter(({ name }) => name === service));
    if (named.length === 0) {
      problems.push({ path: [...path, 'services'], message: `"${to}" has no service "${service}"` });
    }
    return named.map(({ protocol: by, port }) => ({ protocol: by, first: port, last: port }));
  });
}

/** Whether `one` lets through all that `other` does, at any time. */
function covers(one: CompiledConduit, other: CompiledConduit, { assets }: Parties): boolean {
  const has = (wide: string, narrow: string): boolean =>
    wide === ANY || wide === narrow || assets.get(narrow)?.zone === wide;
  return (
    has(one.from, other.from) &&
    has(one.to, other.to) &&
    one.untilMs >= other.untilMs &&
    (one.over === undefined || one.over === other.over) &&
    (one.ports === 'any' ||
      (other.ports !== 'any' &&
        other.ports.every(
          (port) =>
            one.ports !== 'any' &&
            one.ports.some(
              ({ protocol, first, last }) =>
                protocol === port.protocol && first <= port.first && last >= port.last,
            ),
        )))
  );
}
