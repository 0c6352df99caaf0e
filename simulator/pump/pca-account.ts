import {
  type ChannelContext,
  channelOf,
  type EarlierRates,
  type PumpContext,
  withChannel,
} from './context.ts';

const MS_PER_H = 3_600_000;

/** The longest window of an accumulated limit. */
const LONGEST_WINDOW_MS = 4 * MS_PER_H;

/** Counts a dose of a PCA pump towards the accumulated limit; what no window reaches any more is forgotten. */
export function withDose(
  context: PumpContext,
  id: string,
  atMs: number,
  { volumeMl, rateMlPerH }: { readonly volumeMl: number; readonly rateMlPerH: number },
): PumpContext {
  const { programme, doses } = channelOf(context, id);
  if (programme?.pca == null) return context;
  const recent = doses.filter(({ untilMs }) => untilMs > atMs - LONGEST_WINDOW_MS);
  const untilMs = atMs + (volumeMl / rateMlPerH) * MS_PER_H;
  return withChannel(context, id, { doses: [...recent, { atMs, volumeMl, untilMs }] });
}

/** The continuous rates that a PCA pump ran before the one that ends now: what flowed then still counts. */
export function earlierRates(
  { programme, earlierRates: earlier }: ChannelContext,
  atMs: number,
): EarlierRates {
  if (programme?.pca == null) return earlier;
  const recent = earlier.filter(({ untilMs }) => untilMs > atMs - LONGEST_WINDOW_MS);
  return [...recent, { untilMs: atMs, rateMlPerH: programme.rateMlPerH }];
}
