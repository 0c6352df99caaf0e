import { type AccuracyCurves, highest, meanFlows, type Trace } from '../../testbed/index.ts';
import { columnPlot, rangeLine } from './plot.ts';

const PLOT_CHARS = 60;
const PLOT_ROWS = 6;
const RANGE_CHARS = 40;

/** The windows of a trumpet curve as a table with a range beside each, and the start-up curve above it. */
export function accuracyText({ subject, rateMlPerH, startUp, trumpet }: AccuracyCurves): string {
  const { points, meanErrorPercent } = trumpet;
  const most = Math.max(
    0.01,
    ...points.flatMap((point) => [Math.abs(point.largestErrorPercent), Math.abs(point.smallestErrorPercent)]),
  );
  const rows = points.map(({ windowMinutes, smallestErrorPercent, largestErrorPercent }) => {
    const range = rangeLine(smallestErrorPercent, largestErrorPercent, most, RANGE_CHARS);
    return `${String(windowMinutes).padStart(6)}  ${percent(smallestErrorPercent)}  ${percent(largestErrorPercent)}  ${range}\n`;
  });
  return [
    `${subject}, at ${rateMlPerH} mL/h\n`,
    'after the form of IEC 60601-2-24 (figures of the standard not checked)\n\n',
    'flow in mL/h, in the first two hours\n',
    columnPlot(
      startUp.map(({ flowMlPerH }) => flowMlPerH),
      PLOT_CHARS,
      PLOT_ROWS,
    ),
    '\nerror of the mean flow over a window, in the second hour\n',
    'window  smallest   largest\n',
    '   min\n',
    ...rows,
    `overall ${percent(meanErrorPercent)}\n`,
  ].join('');
}

/** What was delivered and ordered, the pressure and the alarms of one channel. */
export function traceText(trace: Trace): string {
  const { title, durationMs, delivered, pressures, alarms } = trace;
  const plot = (values: readonly number[]): string => columnPlot(values, PLOT_CHARS, PLOT_ROWS);
  return [
    `${title}\n\n`,
    `flow in mL/h, in ${minutes(durationMs)} min\n`,
    plot(meanFlows(delivered, durationMs, PLOT_CHARS)),
    `delivered ${volume(trace, 'delivered')} mL, ordered ${volume(trace, 'ordered')} mL\n\n`,
    'pressure downstream in mmHg\n',
    plot(pressures.map(({ pressureMmHg }) => pressureMmHg)),
    `highest ${Math.round(highest(pressures))} mmHg\n\n`,
    alarms.length === 0 ? 'no alarms\n' : 'alarms\n',
    ...alarms.map(
      ({ alarm, priority, fromMs, untilMs }) =>
        `  ${minutes(fromMs)} to ${minutes(untilMs)} min  ${alarm} (${priority})\n`,
    ),
  ].join('');
}

function volume(trace: Trace, which: 'delivered' | 'ordered'): string {
  const [meanMlPerH = 0] = meanFlows(trace[which], trace.durationMs, 1);
  return ((meanMlPerH * trace.durationMs) / 3_600_000).toFixed(2);
}

function minutes(ms: number): string {
  return String(Number((ms / 60_000).toFixed(1)));
}

function percent(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}%`.padStart(8);
}
