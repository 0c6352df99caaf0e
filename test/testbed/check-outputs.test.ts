import pico from 'picocolors';
import { describe, expect, it } from 'vitest';
import { checkText } from '../../cli/output/check-text.ts';
import { checkJunit } from '../../testbed/check-junit.ts';
import { checkPage } from '../../testbed/check-page.ts';
import { SAMPLE_CELLS, sampleTable } from './sample-table.ts';

const plain = pico.createColors(false);
const held = SAMPLE_CELLS.filter((cell) => cell.held && cell.agrees);

describe('a truth table as a document', () => {
  it('counts what does not hold and what was worked out otherwise', () => {
    expect(sampleTable()).toMatchObject({
      ...{
        version: 1,
        mismatches: 1,
        disagreements: 1,
        probes: 9,
        secondLooks: 1,
        msPerThousandProbes: 200_000,
      },
      ...{ labUpMs: null, labDownMs: null, madeAt: '1970-01-01T00:00:00.000Z' },
    });
  });
});

describe('a truth table on a terminal', () => {
  it('says who is to blame, and what each probe took beside a bare connection', () => {
    const text = checkText(sampleTable(), plain);
    expect(text).toMatch(/^ {2}too wide: rule "any<script>"/m);
    expect(text).toContain('guest → broker tcp/22 (IPv4): expected dropped, was open, the ruleset says open');
    expect(text).toContain('too wide: rule "any<script>" lets through');
    expect(text).toContain('As the plan has it, but not as the ruleset was worked out:');
    expect(text).toContain(
      '200000 ms per thousand probes, beside 120 ms for a thousand bare connect() calls',
    );
    expect(text).toContain('1 of 9 cells do not hold');
    expect(text).toMatch(/broker +some!1 +some/);
  });

  it('is short where all holds', () => {
    const text = checkText(sampleTable(held), plain);
    expect(text).toContain('7 cells hold: plan "sp1800-8", ruleset rules.nft');
    expect(text).not.toContain('Other than');
  });
});

describe('a truth table as JUnit', () => {
  it('has a suite for each layer and zone, and a failure for each mismatch', () => {
    const xml = checkJunit(sampleTable());
    expect(xml).toContain('<testsuites name="pumprange" tests="9" failures="1" errors="0" skipped="0">');
    expect(xml).toContain('<testsuite name="l3-l4 from guest" tests="2" failures="1"');
    expect(xml).toContain('classname="pumprange.network.mqtt.medical-devices"');
    expect(xml).toContain('<failure type="reachability" message="expected dropped, was open; too wide: rule');
    expect(xml).not.toContain('<script>');
  });
});

describe('a truth table as a page', () => {
  it('has mismatches first, and nothing of a ruleset as markup', () => {
    const page = checkPage(sampleTable());
    expect(page).toBe(checkPage(sampleTable()));
    expect(page).toContain('1 of 9 cells are other than the plan has them');
    expect(page.indexOf('id="mismatches"')).toBeLessThan(page.indexOf('id="ports"'));
    expect(page).toContain('id="disagreements"');
    for (const id of ['ports', 'tls', 'mqtt', 'services']) expect(page).toContain(`<section id="${id}"`);
    expect(page).not.toContain('<script>');
    expect(page).not.toMatch(/(?:src|href)="(?!#)/);
  });

  it('leaves out what there is nothing of', () => {
    const page = checkPage(sampleTable(held.filter(({ layer }) => layer === 'l3-l4')));
    expect(page).toContain('All 2 cells are as the plan has them');
    for (const id of ['mismatches', 'disagreements', 'tls', 'mqtt']) expect(page).not.toContain(`id="${id}"`);
  });
});
