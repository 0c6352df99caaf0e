import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
import { html, type Markup, trusted } from './markup.ts';

use([BarChart, LineChart, GridComponent, MarkLineComponent, LabelLayout, SVGRenderer]);

export interface ChartFrame {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** What there is to see, for whoever does not see it. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
}

/**
 * Draws a chart as an SVG element. Its colours may be `var(--…)` of the page's style sheet, so that it follows light, dark and print.
 * The same options give the same bytes: what the library counts up over a process is taken out.
 */
export function svgChart(frame: ChartFrame, option: EChartsCoreOption): Markup {
  const { id, title, description, width, height } = frame;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({ animation: false, textStyle: { fontFamily: 'inherit', color: INK }, ...option });
  const drawn = chart.renderToSVGString();
  chart.dispose();
  const inside = drawn
    .replace(/^<svg[^>]*>/, '')
    .replace(/<\/svg>\s*$/, '')
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ class="[^"]*"| pointer-events="[^"]*"| ecmeta_[a-z_]+="[^"]*"/g, '')
    .replace(/\bzr\d+-/g, `${id}-`);
  return html`<svg class="chart" role="img" aria-labelledby="${id}-title ${id}-desc" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>${trusted(inside)}</svg>`;
}

export const INK = 'var(--ink-soft)';
