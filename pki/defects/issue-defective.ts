import { type Identity, PumprangeError, urnOf } from '../../protocol/index.ts';
import { type Authority, organizationOf } from '../authority/authority.ts';
import { checkIdentity, defaultProfile } from '../authority/issue.ts';
import type { Credential } from '../authority/mint.ts';
import { createSite, loadSite, type Site } from '../authority/site.ts';
import { BACKDATED_MS, PROFILES, type Profile } from '../profiles.ts';
import { memoryStore } from '../store/memory-store.ts';
import { type KeyPair, keyIdentifierOf, newKeyPair } from '../x509/algorithms.ts';
import { buildCertificate, type CertificateContent, newSerialNumber } from '../x509/build-certificate.ts';
import { parseCertificate } from '../x509/certificate.ts';
import type { Asn1 } from '../x509/der.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  type ExtendedKeyUsage,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from '../x509/extensions.ts';
import { distinguishedName } from '../x509/name.ts';
import { pemOf } from '../x509/pem.ts';
import { buildLegacyCertificate, newLegacyKeyPair } from './legacy.ts';
import { DEFECT_NAMES, type DefectName, isDefectName } from './registry.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The common name of a `mismatched-name`: whom a broker that reads it would take the holder for. */
const IMPOSTOR = 'urn:pumprange:pump-server:pump-server-01';

export interface Defective {
  readonly credential: Credential;
  /** Whether an authority of the site signed it, so that the register knows it. */
  readonly ours: boolean;
}

/** What is different from a good certificate. */
interface Plan {
  readonly issuer: Authority;
  /** Authorities to be presented, from that of the leaf upwards. */
  readonly above: readonly Buffer[];
  readonly keyPair: KeyPair;
  readonly commonName: string;
  readonly uri: string | null;
  readonly purposes: readonly ExtendedKeyUsage[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly build: typeof buildCertificate;
  readonly alter: (der: Buffer) => Buffer;
  readonly ours: boolean;
}

/**
 * Makes a certificate that is right in all but one thing. `revoked` is as good as any here; the caller revokes it.
 * The key is right in any case: what is refused is the certificate. PR_PKI_NAME for a defect, kind or id that is none.
 */
export function issueDefective(site: Site, defect: DefectName, identity: Identity, nowMs: number): Defective {
  if (!isDefectName(defect)) {
    throw new PumprangeError(
      'PR_PKI_NAME',
      `There is no defect "${String(defect)}"; defects are ${DEFECT_NAMES.join(', ')}`,
    );
  }
  const profile = defaultProfile(identity);
  const shape: Profile = PROFILES[profile];
  checkIdentity(identity, profile, shape);
  const good = goodPlan(site, identity, shape, nowMs);
  const plan = { ...good, ...planOf(defect, good, { site, identity, nowMs }) };
  const serialNumber = newSerialNumber();
  const der = plan.alter(plan.build(contentOf(plan, site, shape, serialNumber), plan.issuer.privateKey));
  const { fingerprint, notBeforeMs, notAfterMs } = parseCertificate(der);
  const certificatePem = pemOf('CERTIFICATE', der);
  const credential: Credential = {
    identity,
    profile,
    certificatePem,
    chainPem: certificatePem + plan.above.map((above) => pemOf('CERTIFICATE', above)).join(''),
    privateKeyPem: plan.keyPair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    privateKey: plan.keyPair.privateKey,
    chainDer: [der, ...plan.above],
    // Ours, whoever issued it: its holder is to reach our broker and be refused there.
    rootPem: site.root.certificatePem,
    fingerprint,
    serialNumber: serialNumber.toString('hex'),
    notBeforeMs,
    notAfterMs,
  };
  return { credential, ours: plan.ours };
}

function goodPlan(site: Site, identity: Identity, shape: Profile, nowMs: number): Plan {
  if (shape.issuer === 'manufacturer') throw new TypeError('no profile of the site');
  const issuer = site.issuing[shape.issuer];
  return {
    issuer,
    above: [issuer.certificate.der],
    keyPair: newKeyPair('p256'),
    commonName: urnOf(identity),
    uri: urnOf(identity),
    purposes: shape.extendedKeyUsage,
    notBeforeMs: nowMs - BACKDATED_MS,
    notAfterMs: nowMs + shape.lifetimeMs,
    build: buildCertificate,
    alter: (der) => der,
    ours: true,
  };
}

function planOf(
  defect: DefectName,
  good: Plan,
  { site, identity, nowMs }: { readonly site: Site; readonly identity: Identity; readonly nowMs: number },
): Partial<Plan> {
  switch (defect) {
    case 'expired':
      return { notBeforeMs: nowMs - 30 * DAY_MS, notAfterMs: nowMs - 2 * DAY_MS };
    case 'not-yet-valid':
      return { notBeforeMs: nowMs + 7 * DAY_MS, notAfterMs: nowMs + 37 * DAY_MS };
    case 'wrong-usage':
      return { purposes: ['codeSigning'] };
    case 'wrong-ca':
      return elsewhere(site, good, nowMs);
    case 'self-signed':
      return selfSigned(site, identity, good);
    case 'missing-san':
      return { uri: null };
    case 'wrong-san':
      return { uri: `https://pumps.example/${identity.id}` };
    case 'mismatched-name':
      return { commonName: IMPOSTOR };
    case 'path-length-broken':
      return oneTooMany(site, good, nowMs);
    case 'weak-key':
      return { keyPair: newLegacyKeyPair() };
    case 'weak-digest':
      return { build: buildLegacyCertificate };
    case 'revoked':
      return {};
    case 'altered-signature':
      return { alter: withOneBitChanged };
  }
}

function elsewhere(site: Site, good: Plan, nowMs: number): Partial<Plan> {
  const store = memoryStore();
  createSite(store, { name: site.name, atMs: nowMs, keyAlgorithm: 'p256' });
  const { role } = good.issuer;
  const issuer = Object.values(loadSite(store).issuing).find((one) => one.role === role) ?? good.issuer;
  return { issuer, above: [issuer.certificate.der], ours: false };
}

function selfSigned(site: Site, identity: Identity, good: Plan): Partial<Plan> {
  const { privateKey, spkiDer } = good.keyPair;
  const name = distinguishedName(organizationOf(site.name), urnOf(identity));
  return {
    issuer: { ...good.issuer, name, keyId: keyIdentifierOf(spkiDer), privateKey },
    above: [],
    ours: false,
  };
}

/** An authority issued by one whose path length is 0. Its key is thrown away with this call. */
function oneTooMany(site: Site, good: Plan, nowMs: number): Partial<Plan> {
  const { privateKey, spkiDer } = newKeyPair('p256');
  const organization = organizationOf(site.name);
  const name = distinguishedName(organization, `${organization} One Too Many CA`);
  const keyId = keyIdentifierOf(spkiDer);
  const der = buildCertificate(
    {
      issuer: good.issuer.name,
      subject: name,
      notBeforeMs: nowMs - BACKDATED_MS,
      notAfterMs: nowMs + 30 * DAY_MS,
      spkiDer,
      serialNumber: newSerialNumber(),
      extensions: [
        basicConstraints(0),
        keyUsage(['keyCertSign', 'cRLSign']),
        subjectKeyIdentifier(keyId),
        authorityKeyIdentifier(good.issuer.keyId),
      ],
    },
    good.issuer.privateKey,
  );
  return {
    issuer: { ...good.issuer, name, keyId, privateKey },
    above: [der, good.issuer.certificate.der],
    // The authority above it cannot revoke what it did not sign.
    ours: false,
  };
}

/** In the last octet, which is the signature's. */
function withOneBitChanged(der: Buffer): Buffer {
  const altered = Buffer.from(der);
  const last = altered.length - 1;
  altered.writeUInt8(altered.readUInt8(last) ^ 1, last);
  return altered;
}

function contentOf(plan: Plan, site: Site, shape: Profile, serialNumber: Buffer): CertificateContent {
  const { spkiDer } = plan.keyPair;
  const extensions: Asn1[] = [
    basicConstraints(null),
    keyUsage(shape.keyUsage),
    extendedKeyUsage(plan.purposes),
    certificatePolicies([shape.policy]),
    ...(plan.uri === null ? [] : [subjectAltName({ uri: plan.uri })]),
    subjectKeyIdentifier(keyIdentifierOf(spkiDer)),
    authorityKeyIdentifier(plan.issuer.keyId),
  ];
  return {
    issuer: plan.issuer.name,
    subject: distinguishedName(organizationOf(site.name), plan.commonName),
    notBeforeMs: plan.notBeforeMs,
    notAfterMs: plan.notAfterMs,
    spkiDer,
    serialNumber,
    extensions,
  };
}
