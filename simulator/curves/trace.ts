import { type FlowStretch, integrateMl, MS_PER_H } from '../physics/index.ts';
import { niceAxis, timeAxis } from './axis.ts';
import { csvDocument } from './csv.ts';
import { type Ink, svgDocument } from './svg.ts';

/** The pressure downstream of the pump at an instant. */
export interface PressureSample {
  readonly atMs: number;
  readonly pressureMmHg: number;
}

/** An alarm from when it was raised until it was cleared, or until the end. */
export interface AlarmSpan {
  readonly alarm: string;
  readonly priority: 'low' | 'medium' | 'high';
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What went on at one channel. All times count from the start. */
export interface Trace {
  readonly title: string;
  readonly durationMs: number;
  readonly delivered: readonly FlowStretch[];
  readonly ordered: readonly FlowStretch[];
  /** Ascending; the rows of the CSV are at their times. */
  readonly pressures: readonly PressureSample[];
  readonly alarms: readonly AlarmSpan[];
}

/**
 * Rate, volume, pressure and alarms, one above the other over the same time. Flow that lasts less than 5 s is cut off at
 * the top of the rate; the volume has it whole.
 */
export function traceSvg(trace: Trace): string {
  const { title, durationMs, delivered, ordered, pressures, alarms } = trace;
  const x = timeAxis(durationMs);
  const deliveredMl = volumePoints(delivered, durationMs);
  const orderedMl = volumePoints(ordered, durationMs);
  const rate = niceAxis('mL/h', [
    0,
    ...lastingFlows(delivered, durationMs),
    ...lastingFlows(ordered, durationMs),
  ]);
  const rows = [...new Set(alarms.map(({ alarm }) => alarm))];
  const lastMl = (points: readonly Point[]): string => (points.at(-1)?.[1] ?? 0).toFixed(2);
  return svgDocument({
    title,
    description:
      `Delivered ${lastMl(deliveredMl)} mL where ${lastMl(orderedMl)} mL were ordered. Highest pressure ` +
      `${Math.round(highest(pressures))} mmHg. Alarms: ${rows.length === 0 ? 'none' : rows.join(', ')}.`,
    panels: [
      {
        title: 'Rate',
        x,
        y: rate,
        series: [
          { name: 'flow', ink: 1, points: stepPoints(delivered, durationMs, rate.to) },
          { name: 'ordered', ink: 2, points: stepPoints(ordered, durationMs, rate.to) },
        ],
      },
      {
        title: 'Volume',
        x,
        y: niceAxis('mL', [0, ...[...deliveredMl, ...orderedMl].map(([, volumeMl]) => volumeMl)]),
        series: [
          { name: 'delivered', ink: 1, points: deliveredMl },
          { name: 'ordered', ink: 2, points: orderedMl },
        ],
      },
      {
        title: 'Pressure downstream',
        x,
        y: niceAxis('mmHg', [0, ...pressures.map(({ pressureMmHg }) => pressureMmHg)]),
        series: [
          {
            name: 'pressure',
            ink: 1,
            points: pressures.map(({ atMs, pressureMmHg }) => [atMs, pressureMmHg]),
          },
        ],
      },
      {
        title: rows.length === 0 ? 'Alarms: none' : 'Alarms',
        x,
        y: {
          label: '',
          from: 0,
          to: Math.max(1, rows.length),
          ticks: rows.map((text, row) => ({ at: row + 0.5, text })),
        },
        series: [],
        bars: alarms.map(({ alarm, priority, fromMs, untilMs }) => ({
          name: `${alarm} (${priority})`,
          ink: INK_OF[priority],
          row: rows.indexOf(alarm),
          fromX: fromMs,
          toX: untilMs,
        })),
        heightPx: Math.max(1, rows.length) * 22,
      },
    ],
  });
}

const INK_OF = { low: 1, medium: 2, high: 3 } as const satisfies Record<AlarmSpan['priority'], Ink>;

/** A row for each sample of the pressure. */
export function traceCsv(trace: Trace): string {
  const { delivered, ordered, pressures, alarms } = trace;
  return csvDocument(
    ['seconds', 'flow_ml_per_h', 'ordered_ml_per_h', 'delivered_ml', 'ordered_ml', 'pressure_mmhg', 'alarms'],
    pressures.map(({ atMs, pressureMmHg }) => [
      atMs / 1_000,
      flowAt(delivered, atMs),
      flowAt(ordered, atMs),
      integrateMl(delivered, atMs),
      integrateMl(ordered, atMs),
      pressureMmHg,
      alarms
        .filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs)
        .map(({ alarm }) => alarm)
        .join(';'),
    ]),
  );
}

export function highest(pressures: readonly PressureSample[]): number {
  return pressures.reduce((most, { pressureMmHg }) => Math.max(most, pressureMmHg), 0);
}

type Point = readonly [atMs: number, value: number];

/** A clamped line that is opened empties itself within a second: that would press all other flow to the ground. */
const LASTING_MS = 5_000;

function lastingFlows(stretches: readonly FlowStretch[], untilMs: number): number[] {
  return stretches.flatMap(({ fromMs, flowMlPerH }, index) =>
    (stretches[index + 1]?.fromMs ?? untilMs) - fromMs >= LASTING_MS ? flowMlPerH : [],
  );
}

/** A line that steps where the flow changes, cut off at `mostMlPerH`. Nothing flows before the first stretch. */
function stepPoints(stretches: readonly FlowStretch[], untilMs: number, mostMlPerH: number): Point[] {
  let before = 0;
  const points: Point[] = [[0, 0]];
  for (const stretch of stretches) {
    if (stretch.fromMs > untilMs) break;
    const fromMs = Math.max(0, stretch.fromMs);
    const flowMlPerH = Math.min(stretch.flowMlPerH, mostMlPerH);
    points.push([fromMs, before], [fromMs, flowMlPerH]);
    before = flowMlPerH;
  }
  points.push([untilMs, before]);
  return points;
}

/** The volume since the start wherever the flow changes, and at the end. */
function volumePoints(stretches: readonly FlowStretch[], untilMs: number): Point[] {
  const changesMs = stretches.map(({ fromMs }) => fromMs).filter((atMs) => atMs > 0 && atMs < untilMs);
  return [0, ...changesMs, untilMs].map((atMs) => [atMs, integrateMl(stretches, atMs)]);
}

/** The mean flow of each of `count` equal parts of the time, in mL/h. */
export function meanFlows(stretches: readonly FlowStretch[], untilMs: number, count: number): number[] {
  const partMs = untilMs / count;
  return Array.from({ length: count }, (_, index) => {
    const movedMl = integrateMl(stretches, (index + 1) * partMs) - integrateMl(stretches, index * partMs);
    return (movedMl / partMs) * MS_PER_H;
  });
}

function flowAt(stretches: readonly FlowStretch[], atMs: number): number {
  return stretches.findLast(({ fromMs }) => fromMs <= atMs)?.flowMlPerH ?? 0;
}
