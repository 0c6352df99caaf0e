import type { RunDetail } from '../rehearsal-report.ts';
import { clockTime, figure, ml } from '../words.ts';
import { html, type Markup } from './markup.ts';
import { svgChart } from './svg-chart.ts';

type Curve = RunDetail['curves'][number];
type Rates = Curve['delivered'];

/** A run as a line of the chart. */
export interface CurveOf {
  readonly label: string;
  readonly run: RunDetail;
  /** Colour and dashes by the style sheet. */
  readonly style: 'bare' | 'all' | 'only';
}

/** Points of a line; a run of eight minutes then has one every two seconds. */
const POINTS = 240;
/** Share of the width below which two numbers would touch. */
const CLOSE = 0.03;
/** Rows of the table beside it. */
const ROWS = 8;
const MS_PER_H = 3_600_000;

const ORDERED = { color: 'var(--ink)', type: [5, 5], width: 1.5 } as const;
const STYLES = {
  bare: { color: 'var(--bad)', type: 'solid', width: 2.5 },
  all: { color: 'var(--good)', type: 'solid', width: 2.5 },
  only: { color: 'var(--accent)', type: 'solid', width: 2.5 },
} as const;

/**
 * Delivered against ordered of the channel on which they differ most: volume since the start. Red steps are numbered as in the
 * timeline. With the figures in a table, for whoever does not see it.
 */
export function curveChart(id: string, lines: readonly CurveOf[], marks: readonly Mark[]): Markup {
  const [first] = lines;
  const channel = first && worstChannel(lines);
  if (first === undefined || channel === undefined) return html``;
  const endMs = Math.max(...lines.map(({ run }) => run.result.simulatedMs));
  const delivered = lines.flatMap((line) => {
    const curve = curveOf(line.run, channel);
    return curve === undefined ? [] : [{ ...line, rates: curve.delivered }];
  });
  const ordered = curveOf(first.run, channel)?.ordered ?? [];
  const volumes = [ordered, ...delivered.map(({ rates }) => rates)].map((rates) => volumeUntil(rates, endMs));
  if (volumes.every((volume) => volume === 0)) return html``;
  const place = `${channel.serial}${channel.channel === 'A' ? '' : ` ${channel.channel}`}`;
  const sums = delivered.map(({ label, rates }) => `${label} ${ml(volumeUntil(rates, endMs))}`).join(', ');
  const drawn = svgChart(
    {
      id,
      title: `Delivered against ordered on ${place}`,
      description: `At the end: ordered ${ml(volumeUntil(ordered, endMs))}, delivered ${sums}. The figures are in the table below.`,
      width: 760,
      height: 300,
    },
    {
      grid: { left: 52, right: 118, top: 34, bottom: 40 },
      xAxis: axis({ max: endMs / 60_000, name: 'minutes', nameLocation: 'middle', nameGap: 26 }),
      yAxis: axis({ min: 0, name: 'mL', nameLocation: 'end', nameGap: 14 }),
      series: [
        ...delivered.map(({ label, rates, style }) =>
          lineSeries(label, points(rates, endMs), STYLES[style], []),
        ),
        // Last, so that it lies on top where both are the same.
        lineSeries('ordered', points(ordered, endMs), ORDERED, grouped(marks, endMs * CLOSE)),
      ],
    },
  );
  return html`<figure class="curve">${drawn}
<figcaption><span class="swatch ordered" aria-hidden="true"></span> ordered ${delivered.map(({ label, style }) => html`<span class="swatch ${style}" aria-hidden="true"></span> delivered, ${label} `)}on ${place}. ${marks.length === 0 ? '' : 'Numbered lines: steps of the adversary.'}</figcaption>
<details class="more"><summary>The figures of the curve</summary>
<table class="plain numbers"><caption class="vh">Volume since the start on ${place}, in mL</caption><thead><tr><th scope="col">Time</th><th scope="col">Ordered</th>${delivered.map(({ label }) => html`<th scope="col">Delivered, ${label}</th>`)}</tr></thead>
<tbody>${times(endMs, ROWS).map((atMs) => html`<tr><th scope="row">${clockTime(atMs)}</th><td>${figure(volumeUntil(ordered, atMs))}</td>${delivered.map(({ rates }) => html`<td>${figure(volumeUntil(rates, atMs))}</td>`)}</tr>`)}</tbody></table></details></figure>`;
}

/** A numbered moment. */
export interface Mark {
  readonly atMs: number;
  readonly label: string;
}

/** The channel that is furthest off its order in any of the runs; the first one where none is. */
function worstChannel(lines: readonly CurveOf[]): { serial: string; channel: string } | undefined {
  const channels = lines.flatMap(({ run }) =>
    run.result.harm.channels.map((one) => ({ ...one, off: Math.max(one.overMl, one.underMl) })),
  );
  const [first, ...rest] = channels;
  return first && rest.reduce((most, one) => (one.off > most.off ? one : most), first);
}

function curveOf(
  run: RunDetail,
  { serial, channel }: { serial: string; channel: string },
): Curve | undefined {
  return run.curves.find((one) => one.serial === serial && one.channel === channel);
}

/** mL that flowed until then. */
function volumeUntil(rates: Rates, untilMs: number): number {
  return rates.reduce((sum, [fromMs, mlPerH], index) => {
    const nextMs = Math.min(rates[index + 1]?.[0] ?? untilMs, untilMs);
    return nextMs > fromMs ? sum + (mlPerH * (nextMs - fromMs)) / MS_PER_H : sum;
  }, 0);
}

function points(rates: Rates, endMs: number): [number, number][] {
  return times(endMs, POINTS).map((atMs) => [atMs / 60_000, Number(volumeUntil(rates, atMs).toFixed(4))]);
}

function times(endMs: number, parts: number): number[] {
  return Array.from({ length: parts + 1 }, (_, index) => (endMs * index) / parts);
}

/** Moments so close that their numbers would lie over each other, as one at the first of them: `2–4`. */
function grouped(marks: readonly Mark[], withinMs: number): readonly Mark[] {
  const groups: { atMs: number; labels: string[] }[] = [];
  for (const { atMs, label } of [...marks].sort((a, b) => a.atMs - b.atMs)) {
    const last = groups.at(-1);
    if (last !== undefined && atMs - last.atMs <= withinMs) last.labels.push(label);
    else groups.push({ atMs, labels: [label] });
  }
  return groups.map(({ atMs, labels }) => ({
    atMs,
    label: labels.length === 1 ? (labels[0] ?? '') : `${labels[0]}–${labels.at(-1)}`,
  }));
}

function axis(more: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    type: 'value',
    axisLine: { show: true, lineStyle: { color: 'var(--rule)' } },
    axisTick: { lineStyle: { color: 'var(--rule)' } },
    axisLabel: { color: 'var(--ink-soft)', fontSize: 12 },
    nameTextStyle: { color: 'var(--ink-soft)', fontSize: 12 },
    splitLine: { lineStyle: { color: 'var(--rule-soft)' } },
    ...more,
  };
}

function lineSeries(
  name: string,
  data: readonly [number, number][],
  lineStyle: Readonly<Record<string, unknown>>,
  marks: readonly Mark[],
): Readonly<Record<string, unknown>> {
  return {
    ...{ type: 'line', name, data, lineStyle, showSymbol: false },
    endLabel: { show: true, formatter: '{a}', color: lineStyle['color'], fontSize: 12, textBorderWidth: 0 },
    labelLayout: { moveOverlap: 'shiftY' },
    ...(marks.length > 0 && {
      markLine: {
        symbol: 'none',
        lineStyle: { color: 'var(--accent)', type: [2, 3], width: 1.5 },
        label: { color: 'var(--accent)', fontSize: 12, fontWeight: 'bold', textBorderWidth: 0 },
        data: marks.map(({ atMs, label }) => ({ xAxis: atMs / 60_000, label: { formatter: label } })),
      },
    }),
  };
}
