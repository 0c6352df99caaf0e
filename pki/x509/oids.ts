/** Object identifiers, by the names that the RFCs give them. */
export const OIDS = {
  commonName: '2.5.4.3',
  /** Of a device, in its name [RFC 5280 Appendix A.1]. */
  serialNumber: '2.5.4.5',
  organizationName: '2.5.4.10',

  ecPublicKey: '1.2.840.10045.2.1',
  prime256v1: '1.2.840.10045.3.1.7',
  ecdsaWithSha1: '1.2.840.10045.4.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  rsaEncryption: '1.2.840.113549.1.1.1',
  sha1WithRsaEncryption: '1.2.840.113549.1.1.5',
  sha256WithRsaEncryption: '1.2.840.113549.1.1.11',
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',

  /** PKCS #7 [RFC 5652 §4, §5.1] and the attribute of PKCS #10 that asks for extensions [RFC 2985 §5.4.2]. */
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  extensionRequest: '1.2.840.113549.1.9.14',
  pkcs8ShroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',

  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  certificatePolicies: '2.5.29.32',
  crlDistributionPoints: '2.5.29.31',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',

  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  /**
   * Signs messages and releases that machines act upon. No registered purpose says that: emailProtection is for mail,
   * documentSigning [RFC 9336 §3] for what people read. So it is our own, in the arc of UUIDs [X.667 §7].
   */
  messageSigning: '2.25.292812669181874874229379611780069102649',
  /**
   * A device signs what it says of itself. Apart from `messageSigning`, so that the authority of the devices certifies nobody whose
   * word commands a pump. GnuTLS reads no arc of 128 bits, and for it a certificate that bears one is good for nothing; so this one
   * is below the number that is reserved for examples [RFC 5612 §2].
   */
  uplinkSigning: '1.3.6.1.4.1.32473.1.1',

  /**
   * Certificate policies [RFC 5280 §4.2.1.4]: one a sort of holder, in an arc of ours [X.667 §7]. Each says first of all that
   * the certificate is a TEST ONLY one and promises nothing.
   */
  devicePolicy: '2.25.147624364602690835127725444172196187729.1',
  servicePolicy: '2.25.147624364602690835127725444172196187729.2',
  personPolicy: '2.25.147624364602690835127725444172196187729.3',
  codeSigningPolicy: '2.25.147624364602690835127725444172196187729.4',
  birthPolicy: '2.25.147624364602690835127725444172196187729.5',

  /** Online status [RFC 6960 §4.2.1, §4.2.2.2.1, §4.4.1]. */
  ocsp: '1.3.6.1.5.5.7.48.1',
  caIssuers: '1.3.6.1.5.5.7.48.2',
  ocspBasic: '1.3.6.1.5.5.7.48.1.1',
  ocspNonce: '1.3.6.1.5.5.7.48.1.2',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
} as const;

export type OidName = keyof typeof OIDS;

/** Content octets of an object identifier [X.690 §8.19]. Written here because forge's stop at arcs of 32 bits. */
function contentOf(oid: string): string {
  const [first = 0n, second = 0n, ...rest] = oid.split('.').map(BigInt);
  let content = '';
  for (const arc of [first * 40n + second, ...rest]) {
    let octets = String.fromCharCode(Number(arc & 0x7fn));
    for (let left = arc >> 7n; left > 0n; left >>= 7n) {
      octets = String.fromCharCode(Number(left & 0x7fn) | 0x80) + octets;
    }
    content += octets;
  }
  return content;
}

const names = Object.keys(OIDS) as OidName[];
const contents = new Map(names.map((name) => [name, contentOf(OIDS[name])]));
const namesByContent = new Map(names.map((name) => [contentOf(OIDS[name]), name]));

/** Content octets, one character an octet. */
export function oidContent(name: OidName): string {
  return contents.get(name) ?? contentOf(OIDS[name]);
}

/** @returns `undefined` for an identifier that is not in the table. */
export function oidName(content: string): OidName | undefined {
  return namesByContent.get(content);
}
