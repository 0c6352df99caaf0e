import { describe, expect, it } from 'vitest';
import { attackFacts, matrixJunit, navigatorLayer, reportMarkdown } from '../../../scenarios/index.ts';
import { sampleReport } from './sample-report.ts';

const HOSTILE = '| a <b> `c` [d](javascript:e) \n# f';

describe('as Markdown', () => {
  it('has the verdict, a line for each attack and each residual, and care', () => {
    const text = reportMarkdown(sampleReport(6));
    expect(text).toContain('# Attack rehearsal of the posture layered');
    expect(text).toContain('**To look at:** Something has to be looked at');
    expect(text.match(/^\| attack-\d.*: Attack number \d \|/gm)).toHaveLength(6);
    expect(text).toContain('| attack-0, vulnerable firmware | device | NOT LOOKED AT |');
    expect(text).toContain('| attack-1 | broker | Whoever has the broker has what it forwards. |');
    expect(text).toContain('| transfer: A patient moves | rate-limit | flood |');
    expect(text).not.toContain('EUR');
  });

  it('shows amounts only with the list that they rest on', () => {
    const text = reportMarkdown(sampleReport(2), {
      currency: 'EUR',
      source: 'Made up for a test.',
      prices: [{ figure: 'overMl', each: 0, once: 70, atLeast: 0, what: 'Looking into it' }],
    });
    expect(text).toContain('| EUR 70 |');
    expect(text).toContain('Made up for a test.');
    expect(text).toContain('- Looking into it: EUR 70 once');
  });

  it('lets no title break out of its cell', () => {
    const text = reportMarkdown(sampleReport(1, () => HOSTILE));
    const line = text.split('\n').find((one) => one.includes('javascript'));
    expect(line).toContain('\\| a \\<b\\> \\`c\\` \\[d\\](javascript:e)');
    expect(text).not.toMatch(/^# f/m);
  });

  it('is a table of runs where there is no matrix', () => {
    const text = reportMarkdown({ ...sampleReport(1), matrix: null });
    expect(text).toContain('# Rehearsal report');
    expect(text).toContain('| attack-0: Attack number 0 | layered | not judged |');
  });
});

describe('as JUnit', () => {
  it('fails for what fails the command, and skips what is known', () => {
    const xml = matrixJunit(sampleReport(2));
    expect(xml).toContain('<testsuite name="attack-0, vulnerable firmware [layered]"');
    // Nobody looked at this one.
    expect(xml).toMatch(
      /name="it is held with device lost"[^>]*>\n\s*<failure type="matrix" message="none, and/,
    );
    // Somebody did at this one.
    expect(xml).toMatch(
      /name="it is held with broker lost"[^>]*>\n\s*<skipped message="a reviewed residual"/,
    );
    expect(xml).toMatch(/<failure type="matrix" message="broken by rate-limit"/);
    expect(xml).toMatch(/^<testsuites name="pumprange" tests="\d+" failures="3" errors="0" skipped="2">$/m);
  });

  it('stays well-formed whatever a scenario says', () => {
    const report = sampleReport(1);
    report.matrix?.care.push({
      id: HOSTILE,
      title: HOSTILE,
      brokenBy: [],
      brokenByAll: true,
      falseAlerts: [HOSTILE],
    });
    const rest = matrixJunit(report).replace(/<\/?[a-z]+(?: [a-zA-Z]+="[^"<]*")*\/?>|<\?xml [^>]*\?>/g, '');
    expect(rest.trim()).toBe('');
  });
});

describe('as a layer of the ATT&CK Navigator', () => {
  it('has each technique once, with the least depth of the attacks that use it', () => {
    const report = sampleReport(6);
    const facts = attackFacts(report);
    const layer = navigatorLayer(facts, 'layered');
    const depth = (n: number): number => facts[n]?.attack.layers.length ?? -1;
    expect(layer).toMatchObject({
      domain: 'ics-attack',
      versions: { layer: '4.5' },
      techniques: [
        { techniqueID: 'T0855', score: Math.min(depth(0), depth(2), depth(4)) },
        { techniqueID: 'T0859', score: Math.min(depth(1), depth(3), depth(5)) },
      ],
      gradient: { colors: [expect.any(String), expect.any(String), expect.any(String)], minValue: 0 },
    });
  });

  it('counts no line that the firmware itself mends', () => {
    const report = sampleReport(6);
    for (const attack of report.matrix?.attacks ?? [])
      Object.assign(attack, { layers: ['broker', 'device'] });
    Object.assign(report.matrix?.attacks[2] ?? {}, { mendedByFirmware: true, layers: [] });
    const layer = JSON.stringify(navigatorLayer(attackFacts(report), 'layered'));
    expect(layer).toMatch(/"T0855","score":2,/);
    expect(layer).toMatch(/layers: the firmware itself/);
  });

  it('leaves out what is no technique of ATT&CK for ICS', () => {
    const report = sampleReport(1);
    report.rehearsed[0]?.references.push(
      { source: 'ATT&CK for ICS', id: 'see above' },
      { source: 'EMB3D', id: 'TID-111' },
    );
    expect(JSON.stringify(navigatorLayer(attackFacts(report), 'layered'))).not.toMatch(
      /see above|TID-111|CVE-/,
    );
  });
});
