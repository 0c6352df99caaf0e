import { type FlowSample, type Trumpet, WINDOWS_MINUTES } from './accuracy.ts';
import { niceAxis, timeAxis } from './axis.ts';
import { csvDocument } from './csv.ts';
import { svgDocument } from './svg.ts';

/** Both curves of one channel at one rate, and what they are of. */
export interface AccuracyCurves {
  /** Such as `lvp LVP-0001 A`. */
  readonly subject: string;
  readonly rateMlPerH: number;
  readonly startUp: readonly FlowSample[];
  readonly trumpet: Trumpet;
}

/** The start-up curve above, the trumpet curve below. */
export function accuracySvg({ subject, rateMlPerH, startUp, trumpet }: AccuracyCurves): string {
  const { points, meanErrorPercent } = trumpet;
  const lastMs = startUp.at(-1)?.atMs ?? 0;
  const longestMinutes = WINDOWS_MINUTES[WINDOWS_MINUTES.length - 1] ?? 0;
  const largest = points.map((point) => [point.windowMinutes, point.largestErrorPercent] as const);
  const smallest = points.map((point) => [point.windowMinutes, point.smallestErrorPercent] as const);
  return svgDocument({
    title: `${subject} at ${rateMlPerH} mL/h`,
    description:
      `Start-up curve and trumpet curve of a virtual pump, after the form of IEC 60601-2-24 (figures of the standard not checked). ` +
      `Overall mean error in the second hour ${percent(meanErrorPercent)}. ${points
        .map(
          (point) =>
            `Over ${point.windowMinutes} min from ${percent(point.smallestErrorPercent)} to ${percent(point.largestErrorPercent)}`,
        )
        .join('; ')}.`,
    panels: [
      {
        title: 'Start-up: mean flow of each 30 s after the start',
        x: timeAxis(lastMs),
        y: niceAxis('flow in mL/h', [0, rateMlPerH, ...startUp.map(({ flowMlPerH }) => flowMlPerH)]),
        series: [
          { name: 'flow', ink: 1, points: startUp.map(({ atMs, flowMlPerH }) => [atMs, flowMlPerH]) },
          {
            name: 'rate',
            ink: 2,
            points: [
              [0, rateMlPerH],
              [lastMs, rateMlPerH],
            ],
          },
        ],
        heightPx: 200,
      },
      {
        title: 'Trumpet: error of the mean flow over a window, in the second hour',
        x: {
          label: 'length of the observation window in min',
          from: 0,
          to: longestMinutes + 1,
          ticks: WINDOWS_MINUTES.map((at) => ({ at, text: String(at) })),
        },
        y: niceAxis('error in % of the rate', [0, ...[...largest, ...smallest].map(([, error]) => error)], 6),
        series: [
          { name: 'largest', ink: 1, points: largest },
          { name: 'smallest', ink: 2, points: smallest },
          {
            name: 'overall mean',
            ink: 3,
            points: [
              [0, meanErrorPercent],
              [longestMinutes, meanErrorPercent],
            ],
          },
        ],
        heightPx: 200,
      },
    ],
  });
}

/** Rows of `start-up` with a flow, rows of `trumpet` with a window and its errors, one of `overall`. */
export function accuracyCsv({ startUp, trumpet }: AccuracyCurves): string {
  const { points, meanErrorPercent } = trumpet;
  return csvDocument(
    ['curve', 'minutes', 'flow_ml_per_h', 'largest_error_percent', 'smallest_error_percent'],
    [
      ...startUp.map(({ atMs, flowMlPerH }) => ['start-up', atMs / 60_000, flowMlPerH, null, null]),
      ...points.map((point) => [
        'trumpet',
        point.windowMinutes,
        null,
        point.largestErrorPercent,
        point.smallestErrorPercent,
      ]),
      ['overall', 60, null, meanErrorPercent, meanErrorPercent],
    ],
  );
}

/** With its sign, such as `+1.25%`. */
function percent(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}%`;
}
