import { describe, expect, it } from 'vitest';
import { niceAxis, timeAxis } from '../../../simulator/curves/axis.ts';
import { csvDocument } from '../../../simulator/curves/csv.ts';
import { accuracyCsv, accuracySvg, startUpCurve, trumpetCurve } from '../../../simulator/curves/index.ts';
import { svgDocument } from '../../../simulator/curves/svg.ts';
import { EXACT_MECHANISM } from '../../../simulator/physics/index.ts';
import { looseMarkup, unclosed } from './xml.ts';

const SETUP = {
  mechanism: { ...EXACT_MECHANISM, biasShare: -0.02, periodicShare: 0.05 },
  line: {
    complianceMlPerMmHg: 0.0008,
    backPressureMmHg: 15,
    resistanceMmHgPerMlPerH: 0.12,
    stallMmHg: 1_034,
    supplyMl: 0.25,
  },
  rateMlPerH: 25,
};
const CURVES = {
  subject: 'lvp LVP-0001 A',
  rateMlPerH: 25,
  startUp: startUpCurve(SETUP),
  trumpet: trumpetCurve(SETUP),
};

describe('an axis', () => {
  it.each([
    [[0, 25], 0, 25, ['0', '5', '10', '15', '20', '25']],
    [[0, 0.7], 0, 0.8, ['0.0', '0.2', '0.4', '0.6', '0.8']],
    [[-3.2, 1.1], -4, 2, ['−4', '−3', '−2', '−1', '0', '1', '2']],
    [[0, 1_234], 0, 1_500, ['0', '500', '1000', '1500']],
    [[0], 0, 1, ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']],
    [[], 0, 1, ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']],
  ])('spans %j from %d to %d at round numbers', (values, from, to, texts) => {
    const axis = niceAxis('x', values);
    expect(axis.from).toBeCloseTo(from, 12);
    expect(axis.to).toBeCloseTo(to, 12);
    expect(axis.ticks.map(({ text }) => text)).toEqual(texts);
  });

  it('of time is in minutes, and in hours when it is long', () => {
    expect(timeAxis(20 * 60_000)).toMatchObject({ label: 'time since the start in min', to: 1_200_000 });
    expect(timeAxis(20 * 60_000).ticks.map(({ text }) => text)).toEqual(
      Array.from({ length: 11 }, (_, index) => String(index * 2)),
    );
    expect(timeAxis(8 * 3_600_000).ticks.map(({ text }) => text)).toEqual(
      Array.from({ length: 9 }, (_, index) => String(index)),
    );
  });
});

describe('a drawing', () => {
  it('is well-formed, says what it is to those who do not see it, and takes nothing from outside', () => {
    const svg = accuracySvg(CURVES);
    expect(unclosed(svg)).toEqual([]);
    expect(looseMarkup(svg.replace(/<style>.*?<\/style>/s, ''))).toEqual([]);
    expect(svg).toMatch(/role="img" aria-labelledby="pr-title pr-desc"/);
    expect(svg).toContain('<title id="pr-title">lvp LVP-0001 A at 25 mL/h</title>');
    expect(svg).toMatch(/<desc id="pr-desc">[^<]*figures of the standard not checked/);
    expect(svg).toContain('prefers-color-scheme:dark');
    expect(svg.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script|url\(/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('has points where the axes say', () => {
    const axis = { label: '', from: 0, to: 10, ticks: [] };
    const svg = svgDocument({
      title: 'a & <b>',
      description: '"d"',
      panels: [
        {
          title: '',
          x: axis,
          y: axis,
          series: [
            {
              name: 's',
              ink: 1,
              points: [
                [0, 0],
                [10, 10],
              ],
            },
          ],
          heightPx: 100,
        },
      ],
    });
    const [, fromX, fromY, toX, toY] =
      /class="line i1" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
    expect(Number(toX)).toBe(836);
    expect(Number(fromX)).toBeLessThan(100);
    expect(Number(fromY) - Number(toY)).toBe(100);
    expect(svg).toContain('a &amp; &lt;b&gt;');
    expect(svg).toContain('&quot;d&quot;');
  });
});

describe('values separated by commas', () => {
  it('hold both curves and the mean', () => {
    const lines = accuracyCsv(CURVES).trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 240 + 5 + 1);
    expect(lines[0]).toBe('curve,minutes,flow_ml_per_h,largest_error_percent,smallest_error_percent');
    expect(lines[1]).toMatch(/^start-up,0\.5,\d+(\.\d+)?,,$/);
    expect(lines[241]).toMatch(/^trumpet,2,,-?[\d.]+,-?[\d.]+$/);
    expect(lines[246]).toMatch(/^overall,60,,(-[\d.]+),\1$/);
  });

  it('quote what would break a line', () => {
    expect(
      csvDocument(
        ['a', 'b'],
        [
          ['x,y', 'say "no"'],
          [null, 1 / 3],
        ],
      ),
    ).toBe('a,b\n"x,y","say ""no"""\n,0.333333\n');
  });
});
