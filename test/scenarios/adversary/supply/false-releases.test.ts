import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadExercise, runScenarios } from '../../../../testbed/index.ts';
import { tempFolder } from '../../../helpers/command.ts';

const STARTS_MS = Date.UTC(2026, 0, 5);
const exercise = loadExercise();

interface Offered {
  readonly action: string;
  readonly expectations: readonly string[];
  readonly posture?: string;
  readonly firmware?: string;
}

/** Somebody with the certificate of a pump offers what he made himself to one that stands by; everything that is expected holds. */
async function offered({ action, expectations, posture = 'flat-legacy', firmware = '1.0.0' }: Offered) {
  const file = join(tempFolder(), 'offered.yaml');
  writeFileSync(
    file,
    `id: offered
title: What an adversary offers
family: resilience
summary: One release past the pump server.
duration: 6m
telemetryEvery: 60s
fleet:
  - { model: lvp, serial: LVP-0001, careArea: adult-icu, firmware: ${firmware} }
postures: [${posture}]
steps:
  - { id: connect, team: red, actor: somebody, trigger: { at: 30s }, action: { do: connect, connection: way-in, as: { credential: stolen-certificate, of: { kind: pump, id: LVP-0009 } }, to: broker, listener: any } }
  - { id: offer, team: red, actor: somebody, trigger: { at: 1m }, action: { connection: way-in, ${action} } }
  - { id: new-patient, team: care, actor: nurse, trigger: { at: 4m }, action: { do: power-cycle, pump: LVP-0001, newPatient: true } }
expectations:
${expectations.map((text, index) => `  - { id: expected-${index}, what: as said, ${text} }`).join('\n')}
`,
  );
  const { report } = await runScenarios(exercise, { what: [file], posture, startMs: STARTS_MS });
  expect(report.runs[0]?.expectations.filter(({ held }) => !held)).toEqual([]);
}

const LIBRARY =
  'do: publish-library, careArea: adult-icu, version: 6.6.6, approvedBy: [pharmacist-01, pharmacist-02]';
const FIRMWARE =
  'do: publish-firmware, model: lvp, version: 1.3.0, contentOf: 1.0.0, securityEpoch: 4, wave: all';
const CONFIGURATION = 'do: publish-configuration, careArea: adult-icu, version: 6.6.6';
const libraryIs = (version: string) => `measure: library-in-use, pumps: [LVP-0001], equals: ${version}`;
const firmwareIs = (version: string) => `measure: firmware-running, pumps: [LVP-0001], equals: ${version}`;
const configurationIs = (version: string) =>
  `measure: configuration-in-use, pumps: [LVP-0001], equals: ${version}`;
const REFUSED = 'measure: step-outcome, step: offer, outcome: refused';

describe('a release of the adversary', () => {
  test.each([
    ['a library', LIBRARY, libraryIs('6.6.6')],
    ['a firmware', FIRMWARE, firmwareIs('1.3.0')],
    ['a configuration', CONFIGURATION, configurationIs('6.6.6')],
  ])('%s is fetched and taken by a pump where nothing speaks against it', async (_, what, then) => {
    await offered({ action: `${what}, tamper: unsigned`, expectations: [then] });
  });

  test.each([
    ['a library', LIBRARY, libraryIs('1.0.0')],
    ['a firmware', FIRMWARE, firmwareIs('1.0.0')],
    ['a configuration', CONFIGURATION, configurationIs('none')],
  ])('%s gets nowhere where the broker says who may release one', async (_, what, then) => {
    await offered({ action: `${what}, tamper: unsigned`, posture: 'layered', expectations: [then, REFUSED] });
  });

  test('with content that is not what it says is refused, whatever else is right about it', async () => {
    await offered({ action: `${LIBRARY}, tamper: wrong-digest`, expectations: [libraryIs('1.0.0')] });
    await offered({ action: `${FIRMWARE}, tamper: wrong-digest`, expectations: [firmwareIs('1.0.0')] });
  });
});
