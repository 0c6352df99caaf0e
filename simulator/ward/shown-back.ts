import type { BedsideAction, ProgrammeEntry, Pump } from '../pump/index.ts';

/** What a pump made of an entry and has shown back; somebody confirmed it. */
export type ShownBack = Partial<Pick<ProgrammeEntry, 'orderId' | 'drug'>> & {
  readonly rateMlPerH: number;
  readonly volumeToBeInfusedMl: number;
};

type Reading = ReturnType<Pump['reading']>['channels'][number];

/** What a channel of the pump shows. */
export function readingOf(pump: Pump, channel: string): Reading | undefined {
  return pump.channelReading(channel);
}

/** What a channel shows of the programme that a start key is about to begin: the start consumes it. */
export function shownBack(
  pump: Pump,
  action: Extract<BedsideAction, { readonly channel: string }>,
): ShownBack | undefined {
  if (action.action !== 'start' && action.action !== 'start-secondary') return undefined;
  const reading = readingOf(pump, action.channel);
  if (reading === undefined) return undefined;
  if (action.action === 'start-secondary') return reading.secondary?.programme;
  return reading.programme ?? undefined;
}
