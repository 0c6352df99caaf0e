import { describe, expect, it } from 'vitest';
import { highest, meanFlows, type Trace, traceCsv, traceSvg } from '../../../simulator/curves/index.ts';
import { looseMarkup, unclosed } from './xml.ts';

const MINUTE_MS = 60_000;

/** Ordered 20 mL/h from minute 3 on; an occlusion from 9 to 11, and a release of one second. */
const TRACE: Trace = {
  title: 'a scenario: LVP-0001 A',
  durationMs: 20 * MINUTE_MS,
  ordered: [{ fromMs: 3 * MINUTE_MS, flowMlPerH: 20 }],
  delivered: [
    { fromMs: 3 * MINUTE_MS, flowMlPerH: 60 },
    { fromMs: 9 * MINUTE_MS, flowMlPerH: 0 },
    { fromMs: 11 * MINUTE_MS, flowMlPerH: 1_820 },
    { fromMs: 11 * MINUTE_MS + 1_000, flowMlPerH: 20 },
  ],
  pressures: Array.from({ length: 241 }, (_, index) => ({
    atMs: index * 5_000,
    pressureMmHg: index === 130 ? 521 : 17,
  })),
  alarms: [
    {
      alarm: 'downstream-occlusion',
      priority: 'high',
      fromMs: 10.5 * MINUTE_MS,
      untilMs: 11 * MINUTE_MS,
    },
    { alarm: 'battery-low', priority: 'medium', fromMs: 0, untilMs: 20 * MINUTE_MS },
  ],
};

describe('a trace', () => {
  it('is drawn as four panels over the same time', () => {
    const svg = traceSvg(TRACE);
    expect(unclosed(svg)).toEqual([]);
    expect(looseMarkup(svg.replace(/<style>.*?<\/style>/s, ''))).toEqual([]);
    for (const panel of ['Rate', 'Volume', 'Pressure downstream', 'Alarms']) {
      expect(svg).toContain(`font-weight="600">${panel}</text>`);
    }
    expect(svg.match(/>time since the start in min<\/text>/g)).toHaveLength(4);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('says in words what it shows', () => {
    expect(traceSvg(TRACE)).toMatch(
      /<desc[^>]*>Delivered 9\.50 mL where 5\.67 mL were ordered\. Highest pressure 521 mmHg\. Alarms: downstream-occlusion, battery-low\.<\/desc>/,
    );
  });

  it('does not let a release press all other flow to the ground', () => {
    const [rate = ''] = traceSvg(TRACE).split('>Volume<');
    expect(rate).toContain('>60</text>');
    expect(rate).not.toMatch(/>\d{4}<\/text>/);
  });

  it('can be of a pump that did nothing', () => {
    const nothing = { ...TRACE, delivered: [], ordered: [], pressures: [], alarms: [] };
    const svg = traceSvg(nothing);
    expect(unclosed(svg)).toEqual([]);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg).toContain('Alarms: none');
    expect(highest([])).toBe(0);
    expect(traceCsv(nothing).split('\n')).toHaveLength(2);
  });

  it('has a row of values for each sample of the pressure', () => {
    const lines = traceCsv(TRACE).trimEnd().split('\n');
    expect(lines).toHaveLength(242);
    expect(lines[0]).toBe(
      'seconds,flow_ml_per_h,ordered_ml_per_h,delivered_ml,ordered_ml,pressure_mmhg,alarms',
    );
    expect(lines[1]).toBe('0,0,0,0,0,17,battery-low');
    expect(lines[131]).toBe('650,0,20,6,2.611111,521,downstream-occlusion;battery-low');
    expect(lines[133]).toBe('660,1820,20,6,2.666667,17,battery-low');
  });

  it('has mean flows that add up to the volume', () => {
    const flows = meanFlows(TRACE.delivered, TRACE.durationMs, 60);
    expect(flows).toHaveLength(60);
    const volumeMl = flows.reduce((sum, flow) => sum + flow / 180, 0);
    expect(volumeMl).toBeCloseTo(9.5, 9);
  });
});
