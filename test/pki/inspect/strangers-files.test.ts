import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { inspectionText } from '../../../cli/output/inspection-text.ts';
import { inspect } from '../../../pki/index.ts';
import { newKeyPair, signatureAlgorithmOf, signedStructure } from '../../../pki/x509/algorithms.ts';
import {
  type Asn1,
  decode,
  implicitList,
  integer,
  oid,
  sequence,
  set,
  utf8String,
} from '../../../pki/x509/der.ts';
import {
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
} from '../../../pki/x509/extensions.ts';
import { distinguishedName } from '../../../pki/x509/name.ts';
import { pemOf } from '../../../pki/x509/pem.ts';
import { bench, certify, START_MS } from '../workbench.ts';

/** Obeyed by a terminal, or turning text round, or breaking a line. */
const HOSTILE = '\x1b]0;owned\x07\x1b[2J\u009b31m\u202egood\u2066\u200b\u2028\nkey:       P-256';
const UNSEEMLY = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

function request(commonName: string, extensions: readonly Asn1[], keys = newKeyPair('p256')): Buffer {
  const content = sequence(
    integer(0),
    sequence(set(sequence(oid('commonName'), utf8String(commonName)))),
    decode(keys.spkiDer),
    implicitList(0, sequence(oid('extensionRequest'), set(sequence(...extensions)))),
  );
  return signedStructure(content, signatureAlgorithmOf(keys.privateKey), keys.privateKey);
}

/** Every text in an inspection, and every line of it for people. */
function textsOf(der: Buffer): string[] {
  const inspection = bench().pki.inspect(der);
  const texts: string[] = inspectionText(inspection).split('\n');
  JSON.stringify(inspection, (_, value) => {
    if (typeof value === 'string') texts.push(value);
    return value;
  });
  return texts;
}

test('nothing in a stranger’s request or certificate moves a terminal or makes a line of its own', () => {
  const { site } = bench();
  const uri = `urn:\x1b[8m${HOSTILE.replace(/[\u0100-\uffff]/g, '')}`;
  const stranger = { ...site.root, name: distinguishedName('Evil', HOSTILE.slice(0, 40)) };
  for (const der of [
    request(HOSTILE, [subjectAltName({ uri })]),
    certify(stranger, { subject: distinguishedName('Evil', HOSTILE.slice(0, 60)) }),
    certify(stranger, { extensions: () => [keyUsage(['digitalSignature']), subjectAltName({ uri })] }),
  ]) {
    const texts = textsOf(der);
    expect(texts.filter((text) => UNSEEMLY.test(text))).toEqual([]);
    expect(texts.filter((text) => /^key: /.test(text))).toHaveLength(1);
  }
});

test('a request says all that it asks for', () => {
  const der = request('LVP-0001', [
    subjectAltName({
      uri: 'urn:pumprange:pump:LVP-0001',
      dns: ['pump.test'],
      ip: ['10.1.2.3', '2001:db8::7'],
    }),
    basicConstraints(0),
    extendedKeyUsage(['serverAuth']),
  ]);
  const inspection = inspect(der, [], START_MS);
  expect(inspection.items).toMatchObject([
    {
      names: [
        'URI:urn:pumprange:pump:LVP-0001',
        'DNS:pump.test',
        'IP Address:10.1.2.3',
        'IP Address:2001:db8:0:0:0:0:0:7',
      ],
      wantsAuthority: true,
      purposes: ['serverAuth'],
      unknownCritical: null,
      possessionProved: true,
    },
  ]);
  expect(inspectionText(inspection)).toMatch(
    /what for: {2}to be connected to as a server\n *to be an AUTHORITY/,
  );
});

test('a request with a key that nobody is certified for here is explained too', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const spkiDer = publicKey.export({ format: 'der', type: 'spki' });
  const der = request('LVP-0001', [], { ...newKeyPair('rsa2048'), privateKey, spkiDer });
  expect(inspect(der, [], START_MS)).toMatchObject({
    items: [{ key: 'RSA of 1024 bits', possessionProved: true, purposes: [], names: [] }],
  });
});

test('no more certificates are followed than a judge would follow', () => {
  const { pki, site } = bench();
  const keyPair = newKeyPair('p256');
  const self = { ...site.root, name: distinguishedName('Evil', 'Evil CA'), privateKey: keyPair.privateKey };
  const one = () =>
    certify(self, {
      subject: self.name,
      keyPair,
      extensions: () => [basicConstraints(3), keyUsage(['keyCertSign'])],
    });
  const pem = Array.from({ length: 7 }, () => pemOf('CERTIFICATE', one())).join('');
  expect(pki.inspect(Buffer.from(pem)).standing?.judgements).toMatchObject([
    { accepted: false, faults: [{ refusal: 'malformed', detail: 'more than 6 certificates' }] },
  ]);
});
