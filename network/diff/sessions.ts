import type { Prober } from '../probe/prober.ts';
import type { Cell } from '../table/document.ts';
import type { Source } from '../table/places.ts';
import type { SessionLine } from './document.ts';

/** Sessions beyond these would say nothing more. */
const MOST_SESSIONS = 400;

/** A session that was open before the change, and would not be let in anew. */
export interface HeldSession {
  readonly cell: Cell;
  readonly source: Source;
  readonly name: string;
}

type Asks = Pick<Prober, 'ask'>;

/**
 * Opens a session for everything that is open over TCP, and holds it.
 *
 * @returns those that came about
 */
export async function holdSessions(
  cells: readonly Cell[],
  sources: readonly Source[],
  proberOf: (source: Source) => Asks,
): Promise<readonly HeldSession[]> {
  const open = cells.filter(
    ({ layer, actual, probe, service }) =>
      layer === 'l3-l4' && actual === 'open' && service !== undefined && probe.startsWith('tcp/'),
  );
  const held = await Promise.all(
    open.slice(0, MOST_SESSIONS).map(async (cell, index): Promise<readonly HeldSession[]> => {
      const source = sources.find(({ name }) => name === cell.from);
      const from = source?.addresses[cell.ipVersion];
      if (source === undefined || from === undefined) return [];
      const name = `held-${index}`;
      const { outcome } = await proberOf(source).ask({
        ...{ kind: 'session', step: 'open', name, from, to: cell.address, port: portOf(cell) },
      });
      return outcome === 'open' ? [{ cell, source, name }] : [];
    }),
  );
  return held.flat();
}

/** Whether anything gets through still, in each session. */
export async function askSessions(
  held: readonly HeldSession[],
  proberOf: (source: Source) => Asks,
): Promise<readonly (HeldSession & { readonly outcome: SessionLine['outcome'] })[]> {
  return Promise.all(
    held.map(async (session) => {
      const { cell, source, name } = session;
      const { outcome } = await proberOf(source).ask({
        ...{ kind: 'session', step: 'ask', name, to: cell.address, port: portOf(cell) },
      });
      return { ...session, outcome: SAID[outcome] };
    }),
  );
}

/** Those that would not come about any more, by a table that was made since. */
export function withoutRule(
  asked: Awaited<ReturnType<typeof askSessions>>,
  now: readonly Cell[],
): readonly SessionLine[] {
  return asked.flatMap(({ cell, outcome }): readonly SessionLine[] => {
    const { from, device, ipVersion, probe, service = probe } = cell;
    const is = now.find(
      (one) =>
        one.layer === cell.layer &&
        one.from === from &&
        one.device === device &&
        one.ipVersion === ipVersion &&
        one.probe === probe,
    );
    return is === undefined || is.actual === 'open'
      ? []
      : [{ from, to: device, service, ipVersion, outcome }];
  });
}

/** What an answer of a prober means for a session. */
const SAID = {
  answered: 'goes on',
  open: 'goes on',
  silent: 'cut off in silence',
  ended: 'ended',
} as const satisfies Record<string, SessionLine['outcome']>;

function portOf({ probe }: Cell): number {
  return Number(probe.split('/')[1]);
}
