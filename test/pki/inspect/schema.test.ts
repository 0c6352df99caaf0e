import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { buildCertificationRequest, DEFECT_NAMES, type Pki } from '../../../pki/index.ts';
import { newKeyPair } from '../../../pki/x509/algorithms.ts';
import { HOUSE } from '../../../tools/house.ts';
import { bench, PUMP } from '../workbench.ts';

const published = JSON.parse(readFileSync(join(HOUSE, 'pki/schemas/inspection.schema.json'), 'utf8'));
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(published);
const faultsOf = (pki: Pki, shown: string | Buffer): unknown => {
  validate(JSON.parse(JSON.stringify(pki.inspect(Buffer.from(shown)))));
  return validate.errors ?? [];
};

test('every inspection follows the published schema: good, bad on purpose, requests, lists, authorities, births', () => {
  const { pki } = bench();
  const shown = [
    pki.issue({ identity: PUMP }).chainPem,
    pki.rootPem,
    ...DEFECT_NAMES.map((name) => pki.issueDefective(name, PUMP).chainPem),
    pki.manufacturer.issueBirth(PUMP).chainPem,
    ...pki.crls().map(({ pem }) => pem),
    buildCertificationRequest('urn:pumprange:pump:LVP-0001', newKeyPair('p256')),
  ];
  for (const one of shown) expect(faultsOf(pki, one)).toEqual([]);
});

test('what is more or other than that does not', () => {
  const { pki } = bench();
  const good = JSON.parse(JSON.stringify(pki.inspect(Buffer.from(pki.rootPem))));
  expect(validate(good)).toBe(true);
  expect(validate({ ...good, version: 2 })).toBe(false);
  expect(validate({ ...good, more: 1 })).toBe(false);
  expect(validate({ ...good, items: [{ ...good.items[0], fingerprint: 'AB' }] })).toBe(false);
});
