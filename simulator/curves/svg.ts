import type { Axis } from './axis.ts';

/** Which of the three colours, which are also told apart by their dashes. */
export type Ink = 1 | 2 | 3;

export interface Series {
  readonly name: string;
  readonly ink: Ink;
  /** In units of the axes, ascending in x. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Something that lasts, in a row of its own: row 0 lies between 0 and 1 of the vertical axis. */
export interface Bar {
  readonly name: string;
  readonly ink: Ink;
  readonly row: number;
  readonly fromX: number;
  readonly toX: number;
}

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly bars?: readonly Bar[];
  /** Room for `y`, in pixels; 150 unless told. */
  readonly heightPx?: number;
}

/** Panels one above the other; `description` is for those who do not see them. */
export interface Drawing {
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
}

const WIDTH_PX = 860;
const RIGHT_PX = 24;
const HEAD_PX = 44;
const PANEL_HEAD_PX = 30;
const PANEL_FOOT_PX = 48;
const CHARACTER_PX = 6.6;

// Plain rules instead of variables: not every viewer of SVG knows those.
const STYLE = `.pr{font:12px system-ui,sans-serif}.pr .paper{fill:#fff}.pr text{fill:#1f2328}.pr .soft{fill:#59636e}
.pr .grid{stroke:#d1d9e0;stroke-width:1}.pr .axis{stroke:#59636e;stroke-width:1;fill:none}.pr .line{fill:none;stroke-width:1.6;stroke-linejoin:round}
.pr .i1{stroke:#0969da}.pr .i2{stroke:#bc4c00;stroke-dasharray:6 3}.pr .i3{stroke:#8250df;stroke-dasharray:2 3}
.pr .b1{fill:#0969da}.pr .b2{fill:#bc4c00}.pr .b3{fill:#cf222e}
@media (prefers-color-scheme:dark){.pr .paper{fill:#0d1117}.pr text{fill:#e6edf3}.pr .soft{fill:#9198a1}.pr .grid{stroke:#30363d}.pr .axis{stroke:#9198a1}
.pr .i1{stroke:#58a6ff}.pr .i2{stroke:#f0883e}.pr .i3{stroke:#d2a8ff}.pr .b1{fill:#58a6ff}.pr .b2{fill:#f0883e}.pr .b3{fill:#ff7b72}}`;

/** A drawing as one SVG document: no script, no font and nothing else from outside; readable on light and on dark. */
export function svgDocument({ title, description, panels }: Drawing): string {
  const leftPx = Math.max(...panels.map(({ y }) => labelsPx(y)), 28) + 36;
  let topPx = HEAD_PX;
  const drawn = panels.map((panel) => {
    const text = panelText(panel, leftPx, topPx + PANEL_HEAD_PX);
    topPx += PANEL_HEAD_PX + heightOf(panel) + PANEL_FOOT_PX;
    return text;
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" class="pr" width="${WIDTH_PX}" height="${topPx}" viewBox="0 0 ${WIDTH_PX} ${topPx}" role="img" aria-labelledby="pr-title pr-desc">`,
    `<title id="pr-title">${escaped(title)}</title>`,
    `<desc id="pr-desc">${escaped(description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="100%" height="100%"/>`,
    `<text x="16" y="26" font-size="16" font-weight="600">${escaped(title)}</text>`,
    ...drawn,
    '</svg>',
  ].join('\n')}\n`;
}

/** Room for the labels of a vertical axis. */
function labelsPx({ ticks }: Axis): number {
  return Math.round(ticks.reduce((most, { text }) => Math.max(most, text.length), 0) * CHARACTER_PX);
}

function heightOf(panel: Panel): number {
  return panel.heightPx ?? 150;
}

function panelText(panel: Panel, leftPx: number, topPx: number): string {
  const { x, y, series, bars = [] } = panel;
  const heightPx = heightOf(panel);
  const rightPx = WIDTH_PX - RIGHT_PX;
  const bottomPx = topPx + heightPx;
  const atX = scale(x, leftPx, rightPx);
  const atY = scale(y, bottomPx, topPx);
  return [
    '<g>',
    `<text x="${leftPx}" y="${topPx - 10}" font-weight="600">${escaped(panel.title)}</text>`,
    ...legend(series, rightPx, topPx - 10),
    ...y.ticks.flatMap(({ at, text }) => [
      bars.length > 0 ? '' : `<path class="grid" d="M${leftPx} ${px(atY(at))}H${rightPx}"/>`,
      `<text class="soft" x="${leftPx - 8}" y="${px(atY(at) + 4)}" text-anchor="end">${escaped(text)}</text>`,
    ]),
    ...x.ticks.flatMap(({ at, text }) => [
      `<path class="axis" d="M${px(atX(at))} ${bottomPx}v4"/>`,
      `<text class="soft" x="${px(atX(at))}" y="${bottomPx + 17}" text-anchor="middle">${escaped(text)}</text>`,
    ]),
    `<path class="axis" d="M${leftPx} ${topPx}V${bottomPx}H${rightPx}"/>`,
    `<text class="soft" x="${px((leftPx + rightPx) / 2)}" y="${bottomPx + 34}" text-anchor="middle">${escaped(x.label)}</text>`,
    `<text class="soft" transform="translate(${leftPx - labelsPx(y) - 20} ${px((topPx + bottomPx) / 2)}) rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>`,
    ...series.map(({ name, ink, points }) =>
      points.length === 0
        ? ''
        : `<path class="line i${ink}" d="${pathOf(points.map(([atPoint, value]) => [atX(atPoint), atY(value)]))}"><title>${escaped(name)}</title></path>`,
    ),
    ...bars.map(({ name, ink, row, fromX, toX }) => {
      // What lasted an instant is still seen.
      const widthPx = Math.max(2, atX(toX) - atX(fromX));
      return `<rect class="b${ink}" x="${px(atX(fromX))}" y="${px(atY(row + 0.75))}" width="${px(widthPx)}" height="${px(atY(row + 0.25) - atY(row + 0.75))}"><title>${escaped(name)}</title></rect>`;
    }),
    '</g>',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function legend(series: readonly Series[], rightPx: number, yPx: number): string[] {
  let xPx = rightPx;
  return series.toReversed().flatMap(({ name, ink }) => {
    xPx -= Math.round(name.length * CHARACTER_PX);
    const textPx = xPx;
    xPx -= 48;
    return [
      `<path class="line i${ink}" d="M${textPx - 30} ${yPx - 4}h24"/>`,
      `<text class="soft" x="${textPx}" y="${yPx}">${escaped(name)}</text>`,
    ];
  });
}

function scale({ from, to }: Axis, fromPx: number, toPx: number): (value: number) => number {
  return (value) => fromPx + ((value - from) / (to - from)) * (toPx - fromPx);
}

function pathOf(points: readonly (readonly [number, number])[]): string {
  return points.map(([xPx, yPx], index) => `${index === 0 ? 'M' : 'L'}${px(xPx)} ${px(yPx)}`).join('');
}

/** A tenth of a pixel is as fine as one sees. */
function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
