import { createHash, createHmac, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { PumprangeError } from '../protocol/index.ts';
import type { Credential } from './authority/mint.ts';
import { makeFolder, writeWhole } from './store/files.ts';
import {
  type Asn1,
  bmpString,
  decode,
  encode,
  explicit,
  integer,
  nothing,
  octetString,
  oid,
  sequence,
  set,
} from './x509/der.ts';
import type { OidName } from './x509/oids.ts';
import { pemBlocks } from './x509/pem.ts';

/** As OpenSSL 3 has it for the key; a guess costs little, so the password should not be guessable. */
const MAC_ITERATIONS = 10_000;

/**
 * Key, certificate, its authority and the root in one PKCS #12 file [RFC 7292], as browsers and desktop clients of MQTT
 * import it. The key is encrypted (PBES2, AES-256), certificates are not, being public; a MAC over SHA-256 covers all.
 */
export function pkcs12Of(credential: Credential, password: string): Buffer {
  const keyId = set(octetString(Buffer.from(credential.fingerprint, 'hex').subarray(0, 20)));
  const name = `${credential.identity.kind} ${credential.identity.id} (Pumprange TEST ONLY)`;
  const own = set(sequence(oid('friendlyName'), set(bmpString(name))), sequence(oid('localKeyId'), keyId));
  const encryptedKey = credential.privateKey.export({
    format: 'der',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: password,
  });
  const [leaf, ...authorities] = [...credential.chainDer, ...pemBlocks(credential.rootPem, 'CERTIFICATE')];
  const certificates = [
    ...(leaf === undefined ? [] : [bag('certBag', certificate(leaf), own)]),
    ...authorities.map((der) => bag('certBag', certificate(der))),
  ];
  const key = bag('pkcs8ShroudedKeyBag', decode(encryptedKey), own);
  const safe = encode(sequence(data(encode(sequence(...certificates))), data(encode(sequence(key)))));
  return encode(sequence(integer(3), data(safe), macData(safe, password)));
}

/**
 * Writes it, for its owner alone to read. PR_FILE_EXISTS if something is there, unless `overwrite`; PR_DISK.
 */
export function exportPkcs12(
  credential: Credential,
  path: string,
  password: string,
  options: { readonly overwrite?: boolean } = {},
): void {
  const target = resolve(path);
  if (options.overwrite !== true && existsSync(target)) {
    throw new PumprangeError('PR_FILE_EXISTS', `${target} is there already`);
  }
  makeFolder(dirname(target));
  writeWhole(target, pkcs12Of(credential, password), false);
}

function data(content: Uint8Array): Asn1 {
  return sequence(oid('data'), explicit(0, octetString(content)));
}

function bag(type: OidName, value: Asn1, attributes?: Asn1): Asn1 {
  return sequence(oid(type), explicit(0, value), attributes);
}

function certificate(der: Uint8Array): Asn1 {
  return sequence(oid('x509Certificate'), explicit(0, octetString(der)));
}

function macData(content: Uint8Array, password: string): Asn1 {
  const salt = randomBytes(16);
  const mac = createHmac('sha256', macKey(password, salt)).update(content).digest();
  return sequence(
    sequence(sequence(oid('sha256'), nothing()), octetString(mac)),
    octetString(salt),
    integer(MAC_ITERATIONS),
  );
}

/** Block and output of SHA-256, in octets. */
const BLOCK = 64;

/** The key of the MAC [RFC 7292 Appendix B.2, ID 3]: 32 octets, one round of its loop. */
function macKey(password: string, salt: Buffer): Buffer {
  // With two octets of zero at its end [Appendix B.1].
  const characters = Buffer.from(`${password}\0`, 'utf16le').swap16();
  let digest = createHash('sha256')
    .update(Buffer.alloc(BLOCK, 3))
    .update(repeated(salt))
    .update(repeated(characters))
    .digest();
  for (let round = 1; round < MAC_ITERATIONS; round += 1)
    digest = createHash('sha256').update(digest).digest();
  return digest;
}

/** Repeated to fill whole blocks. */
function repeated(bytes: Buffer): Buffer {
  return Buffer.alloc(BLOCK * Math.ceil(bytes.length / BLOCK), bytes);
}
