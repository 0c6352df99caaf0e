import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions } from '../../../protocol/firmware/index.ts';
import type { Advisory } from '../../../pump-server/exposure/advisory.ts';
import { type Build, exposuresOf } from '../../../pump-server/exposure/exposure.ts';
import { loadAdvisories } from '../../../pump-server/exposure/load.ts';
import { type AvailableBuild, patchPlan } from '../../../pump-server/exposure/patch-plan.ts';
import { exposureReport } from '../../../pump-server/exposure/report.ts';
import { loadWardData } from '../../../testbed/data.ts';
import { shippedAdvisories, shippedBuilds } from '../../../testbed/exposure.ts';

const DATA = loadWardData();
const BUILDS = shippedBuilds(DATA);
const ADVISORIES = loadAdvisories(shippedAdvisories());
const buildOf = (model: string, version: string): AvailableBuild =>
  BUILDS.find((build) => build.model === model && build.version === version)!;
const pump = (serial: string, model: string, firmware: string, careArea: string | null = null) => ({
  serial,
  model,
  firmware,
  careArea,
});

const PLAIN: Build = {
  model: 'lvp',
  version: '1.0.0',
  weaknesses: ['accepts-downgrade'],
  components: [{ name: 'network-stack', version: '6.5.0' }],
};
const advisory = (affected: Advisory['affected'], change: Partial<Advisory> = {}): Advisory => ({
  id: 'PRA-9999',
  title: 'A weakness',
  severity: 'high',
  illustrates: ['a class'],
  effect: 'something bad',
  affected,
  fixedIn: {},
  untilThen: 'watch it',
  ...change,
});

describe('a build', () => {
  it.each<[string, Advisory['affected'], string | undefined]>([
    ['its weakness', { weakness: 'accepts-downgrade' }, 'weakness accepts-downgrade'],
    [
      'a component below the fixed one',
      { component: { name: 'network-stack', below: '6.10.0' } },
      'component network-stack 6.5.0',
    ],
    ['any version of a component', { component: { name: 'network-stack' } }, 'component network-stack 6.5.0'],
    [
      'nothing, if the component is mended',
      { component: { name: 'network-stack', below: '6.5.0' } },
      undefined,
    ],
    ['nothing, if it is another component', { component: { name: 'tls-client' } }, undefined],
    ['nothing, if it is another weakness', { weakness: 'skips-countersignature' }, undefined],
    ['nothing, if it is another model', { weakness: 'accepts-downgrade', models: ['pca'] }, undefined],
    [
      'either, by what is in it where its weaknesses do not say so',
      { weakness: 'skips-countersignature', component: { name: 'network-stack', below: '7.0.0' } },
      'component network-stack 6.5.0',
    ],
  ])('is exposed by %s', (_, affected, because) => {
    expect(exposuresOf(PLAIN, [advisory(affected)])[0]?.because).toBe(because);
  });

  it('has the worst first', () => {
    const affected = { weakness: 'accepts-downgrade' } as const;
    const severities = ['medium', 'critical', 'low', 'high'] as const;
    const all = severities.map((severity, index) => advisory(affected, { id: `PRA-000${index}`, severity }));
    expect(exposuresOf(PLAIN, all).map(({ severity }) => severity)).toEqual([
      'critical',
      'high',
      'medium',
      'low',
    ]);
  });
});

describe('the advisories that are shipped', () => {
  it('name only components that some build has, and each weakness that a version has', () => {
    const names = new Set(BUILDS.flatMap(({ components }) => components.map(({ name }) => name)));
    for (const { affected } of ADVISORIES) {
      if (affected.component !== undefined) expect(names).toContain(affected.component.name);
    }
    const covered = new Set(ADVISORIES.flatMap(({ affected }) => affected.weakness ?? []));
    expect(
      [...new Set(BUILDS.flatMap(({ weaknesses }) => weaknesses))].filter((one) => !covered.has(one)),
    ).toEqual([]);
  });

  it.each(ADVISORIES.map((each) => [each.id, each] as const))(
    '%s says truly in which version each model is fixed',
    (_, one) => {
      for (const model of DATA.models.keys()) {
        const versions = BUILDS.filter((build) => build.model === model)
          .map(({ version }) => version)
          .sort(compareVersions);
        const exposed = versions.filter((version) => exposuresOf(buildOf(model, version), [one]).length > 0);
        const fixed = one.fixedIn[model];
        if (fixed === undefined) {
          // No fix: the newest is exposed as well, or the model never was.
          expect(exposed.length === 0 || exposed.includes(versions.at(-1)!)).toBe(true);
        } else {
          expect(exposed.length).toBeGreaterThan(0);
          expect(exposed.filter((version) => compareVersions(version, fixed) >= 0)).toEqual([]);
          expect(exposed.at(-1)).toBe(versions[versions.indexOf(fixed) - 1]);
        }
      }
    },
  );
});

describe('a patch plan', () => {
  const planOf = (...pumps: readonly ReturnType<typeof pump>[]) =>
    exposureReport(pumps, BUILDS, ADVISORIES).patchFirst;

  it('begins with the worst, then with what takes most off all pumps', () => {
    const steps = planOf(
      pump('LVP-1', 'lvp', '1.1.0'),
      pump('LVP-2', 'lvp', '1.1.0'),
      pump('SYR-1', 'syringe', '1.0.0'),
      pump('LVP-3', 'lvp', '1.0.0', 'adult-icu'),
      pump('LVP-4', 'lvp', '1.0.0', 'nursery'),
    );
    expect(steps.map(({ model, from, to }) => `${model} ${from} ${to}`)).toEqual([
      'lvp 1.0.0 1.2.0',
      'syringe 1.0.0 1.2.0',
      'lvp 1.1.0 1.2.0',
    ]);
    expect(steps[0]?.reasons).toEqual(
      expect.arrayContaining([
        'closes 4 of severity critical (PRA-0002, PRA-0006, PRA-0010, PRA-0014)',
        '2 pumps in adult-icu, nursery',
        'one update closes 21 and leaves 2',
        expect.stringMatching(/^PRA-0005 stays open: Seal the housings/),
      ]),
    );
  });

  it('has nothing for pumps that no update helps, and none of whose firmware nobody knows', () => {
    expect(planOf(pump('LVP-1', 'lvp', '1.2.0'), pump('LVP-2', 'lvp', '9.9.9'))).toEqual([]);
  });

  it('leaves a pump where it is that cannot take what is planned, and does not count it as mended', () => {
    const target = {
      ...buildOf('lvp', '1.2.0'),
      dependencies: [{ component: 'communication-engine', minimumVersion: '2.1.0' }],
    };
    const builds = [buildOf('lvp', '1.0.0'), buildOf('lvp', '1.1.0'), target];
    const pumps = [pump('LVP-1', 'lvp', '1.0.0'), pump('LVP-2', 'lvp', '1.1.0')];
    const report = exposureReport(pumps, builds, ADVISORIES, new Map([['lvp', '1.2.0']]));
    expect(report.pumps.map(({ firmwareAfter }) => firmwareAfter)).toEqual(['1.0.0', '1.2.0']);
    const [stays] = report.pumps;
    expect(stays?.exposedAfter).toEqual(stays?.exposedTo);
  });

  it('leads only to what the pumps can take from where they are', () => {
    const needs = (version: string): AvailableBuild => ({
      ...buildOf('lvp', '1.2.0'),
      dependencies: [{ component: 'communication-engine', minimumVersion: version }],
    });
    const plan = (target: AvailableBuild) =>
      patchPlan(
        [{ ...pump('LVP-1', 'lvp', '1.0.0'), exposedTo: exposuresOf(buildOf('lvp', '1.0.0'), ADVISORIES) }],
        [buildOf('lvp', '1.0.0'), buildOf('lvp', '1.1.0'), target],
        ADVISORIES,
      ).map(({ to }) => to);
    expect(plan(needs('2.0.0'))).toEqual(['1.2.0']);
    expect(plan(needs('2.1.0'))).toEqual(['1.1.0']);
  });
});

describe('an exposure report', () => {
  it('counts pumps before and after the rollout that it looks ahead to', () => {
    const pumps = [
      pump('LVP-1', 'lvp', '1.0.0'),
      pump('PCA-1', 'pca', '1.0.0'),
      pump('PCA-2', 'pca', '0.9.0'),
    ];
    const report = exposureReport(pumps, BUILDS, ADVISORIES, new Map([['lvp', '1.1.0']]));
    expect(report.before).toMatchObject({ exposedPumps: 2, unknownPumps: 1 });
    const installing = report.advisories.find(({ id }) => id === 'PRA-0006');
    expect(installing).toMatchObject({ pumpsBefore: 2, pumpsAfter: 1, modelled: true });
    expect(report.advisories.find(({ id }) => id === 'PRA-0005')).toMatchObject({
      pumpsBefore: 1,
      pumpsAfter: 1,
    });
    expect(report.pumps[0]).toMatchObject({ firmware: '1.0.0', firmwareAfter: '1.1.0' });
    expect(report.pumps[2]).toMatchObject({ exposedTo: null, exposedAfter: null });
    expect(report.after.exposures).toBeLessThan(report.before.exposures);
  });

  it('never finds more after the rollout that it recommends, nor takes a pump back', () => {
    const anyPump = fc.record({
      serial: fc.string({ minLength: 1 }),
      model: fc.constantFrom('lvp', 'syringe', 'pca', 'other'),
      firmware: fc.constantFrom('1.0.0', '1.1.0', '1.2.0', '2.0.0'),
      careArea: fc.constantFrom(null, 'adult-icu'),
    });
    fc.assert(
      fc.property(fc.array(anyPump), (pumps) => {
        const report = exposureReport(pumps, BUILDS, ADVISORIES);
        expect(report.after.exposures).toBeLessThanOrEqual(report.before.exposures);
        for (const one of report.pumps) {
          expect(compareVersions(one.firmwareAfter, one.firmware)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
