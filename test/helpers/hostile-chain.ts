import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';

/** Certificates that were made to cost whoever verifies them. No key of an authority is needed: verifying a signature that is wrong costs as much. */
export interface HostileChain {
  readonly chainPem: string;
  readonly privateKeyPem: string;
}

type Der = Buffer;

function element(tag: number, ...content: readonly Uint8Array[]): Der {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const octets = length.subarray(length.findIndex((octet) => octet !== 0));
  return Buffer.concat([Buffer.of(tag, 0x80 | octets.length), octets, body]);
}

const sequence = (...content: readonly Uint8Array[]): Der => element(0x30, ...content);
const oid = (hex: string): Der => element(0x06, Buffer.from(hex, 'hex'));
const bits = (content: Uint8Array): Der => element(0x03, Buffer.of(0), content);
/** Positive, in as few octets as DER wants. */
function integer(magnitude: Buffer): Der {
  const first = magnitude.findIndex((octet) => octet !== 0);
  const short = first < 0 ? Buffer.of(0) : magnitude.subarray(first);
  return short.readUInt8(0) < 0x80 ? element(0x02, short) : element(0x02, Buffer.of(0), short);
}
const nameOf = (text: string): Der =>
  sequence(element(0x31, sequence(oid('550403'), element(0x0c, Buffer.from(text)))));
const time = (text: string): Der => element(0x17, Buffer.from(text));
const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));
const RSA_SHA256 = sequence(oid('2a864886f70d01010b'), element(0x05));
const BASIC_CONSTRAINTS = sequence(
  oid('551d13'),
  element(0x01, Buffer.of(0xff)),
  element(0x04, sequence(element(0x01, Buffer.of(0xff)))),
);

/** What verifies the signature of the certificate below. */
interface Key {
  readonly spki: Der;
  /** A signature by it that is well formed, and wrong. */
  readonly signature: () => Der;
  readonly algorithm: Der;
}

/** No one knows its factors, and nobody needs them. */
export function rsaKey(modulusBits: number, exponent: Buffer): Key {
  const modulus = randomBytes(modulusBits / 8);
  modulus.writeUInt8(0xff, 0);
  modulus.writeUInt8(modulus.readUInt8(modulus.length - 1) | 1, modulus.length - 1);
  const spki = sequence(
    sequence(oid('2a864886f70d010101'), element(0x05)),
    bits(sequence(integer(modulus), integer(exponent))),
  );
  const signature = (): Der => bits(Buffer.concat([Buffer.of(1), randomBytes(modulus.length - 1)]));
  return { spki, signature, algorithm: RSA_SHA256 };
}

export function ecKey(curve: 'P-256' | 'P-521'): Key {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return {
    spki: publicKey.export({ format: 'der', type: 'spki' }),
    signature: () => bits(sequence(integer(randomBytes(31)), integer(randomBytes(31)))),
    algorithm: ECDSA_SHA256,
  };
}

function certificate(subject: string, spki: Der, issuer: string, by: Key, extensions: readonly Der[]): Der {
  const tbs = sequence(
    element(0xa0, element(0x02, Buffer.of(2))),
    integer(randomBytes(8)),
    by.algorithm,
    nameOf(issuer),
    sequence(time('200101000000Z'), time('490101000000Z')),
    nameOf(subject),
    spki,
    ...(extensions.length === 0 ? [] : [element(0xa3, sequence(...extensions))]),
  );
  return sequence(tbs, by.algorithm, by.signature());
}

const pem = (der: Der): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;

/**
 * A leaf whose key is there, and so many authorities above it, each named as the issuer of the one below.
 *
 * @param options.loops the last one is issued by the first again
 * @param options.names alternative names of the leaf
 */
export function hostileChain(options: {
  readonly authorities: number;
  readonly key: Key;
  readonly loops?: boolean;
  readonly names?: number;
}): HostileChain {
  const { authorities, key, loops = false, names = 0 } = options;
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const alternatives = Array.from({ length: names }, (_, index) =>
    element(0x82, Buffer.from(`n${index}.test`)),
  );
  const leafDer = certificate(
    'TEST ONLY leaf',
    leaf.publicKey.export({ format: 'der', type: 'spki' }),
    'TEST ONLY 0',
    key,
    names === 0 ? [] : [sequence(oid('551d11'), element(0x04, sequence(...alternatives)))],
  );
  const above = Array.from({ length: authorities }, (_, index) => {
    const issuer = loops && index === authorities - 1 ? 0 : index + 1;
    return certificate(`TEST ONLY ${index}`, key.spki, `TEST ONLY ${issuer}`, key, [BASIC_CONSTRAINTS]);
  });
  const privateKey = createPrivateKey(leaf.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  return {
    chainPem: [leafDer, ...above].map(pem).join(''),
    privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}
