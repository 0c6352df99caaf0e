import { type AttackFacts, depthOf, withoutOnlyLayer } from '../attack-facts.ts';
import { count } from '../words.ts';
import { html, joined, type Markup } from './markup.ts';
import { svgChart } from './svg-chart.ts';

/** How many layers stand alone before the attacks: as a chart, and as a table beside it. What holds together is told in words. */
export function layersChart(all: readonly AttackFacts[]): Markup {
  const facts = all.filter(({ attack }) => depthOf(attack) !== undefined);
  if (facts.length === 0) return html``;
  const mended = all.length - facts.length;
  const most = Math.max(4, ...facts.map(({ attack }) => attack.layers.length));
  const bars = Array.from({ length: most + 1 }, (_, layers) => ({
    layers,
    attacks: facts.filter(({ attack }) => attack.layers.length === layers),
  }));
  const drawn = svgChart(
    {
      id: 'layers-chart',
      title: 'Layers that stand alone before each attack',
      description: bars
        .map(({ layers, attacks }) => `${count(layers, 'layer')}: ${count(attacks.length, 'attack')}`)
        .join('; '),
      width: 560,
      height: 240,
    },
    {
      grid: { left: 44, right: 12, top: 24, bottom: 44 },
      xAxis: {
        type: 'category',
        data: bars.map(({ layers }) => String(layers)),
        name: 'layers that stop, limit or contain it, each by itself',
        nameLocation: 'middle',
        nameGap: 28,
        nameTextStyle: { color: 'var(--ink-soft)', fontSize: 12 },
        axisLabel: { color: 'var(--ink-soft)', fontSize: 12 },
        axisLine: { lineStyle: { color: 'var(--rule)' } },
        axisTick: { show: false },
      },
      yAxis: {
        type: 'value',
        minInterval: 1,
        name: 'attacks',
        nameTextStyle: { color: 'var(--ink-soft)', fontSize: 12 },
        axisLabel: { color: 'var(--ink-soft)', fontSize: 12 },
        splitLine: { lineStyle: { color: 'var(--rule-soft)' } },
      },
      series: [
        {
          type: 'bar',
          barMaxWidth: 46,
          label: { show: true, position: 'top', color: 'var(--ink)', fontSize: 12, textBorderWidth: 0 },
          data: bars.map(({ layers, attacks }) => ({
            value: attacks.length,
            label: { show: attacks.length > 0 },
            itemStyle: {
              color: layers === 0 ? 'var(--bad)' : layers === 1 ? 'var(--warn)' : 'var(--good)',
              borderRadius: [3, 3, 0, 0],
            },
          })),
        },
      ],
    },
  );
  const weak = bars.filter(({ layers, attacks }) => layers < 2 && attacks.length > 0);
  return html`<section id="layers" aria-labelledby="layers-h">
<h2 id="layers-h">How deep the defence is</h2>
<div class="beside"><figure>${drawn}</figure><div>
<table class="plain numbers"><caption class="vh">Attacks by the number of layers before them</caption><thead><tr><th scope="col">Layers</th><th scope="col">Attacks</th></tr></thead><tbody>${bars.map(({ layers, attacks }) => html`<tr><th scope="row">${layers}</th><td>${attacks.length}</td></tr>`)}</tbody></table>
</div></div>
${weak.map(
  ({
    layers,
    attacks,
  }) => html`<p><strong>${layers === 0 ? 'No layer stands alone' : 'Only one layer stands alone'}</strong> before ${joined(
    attacks.map(({ key, name, attack }) => {
      const only = withoutOnlyLayer(attack);
      return html`<a href="#${key}">${name}</a>${only === undefined ? '' : html` (${only.layer}; ${only.left})`}`;
    }),
    ', ',
  )}. ${layers === 0 ? 'What holds these is several controls together, or nothing.' : ''}</p>
`,
)}${mended === 0 ? '' : html`<p>Not counted: ${count(mended, 'line')} in which the newest firmware itself stops the attack.</p>`}</section>`;
}
