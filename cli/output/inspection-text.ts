import type { CertificateFacts, Facts, Inspection, Judgement, Standing } from '../../testbed/index.ts';

const USES: Readonly<Record<Judgement['use'], string>> = {
  'tls-client': 'a TLS client',
  'tls-server': 'a TLS server',
  'message-signing': 'a signer of messages',
  'uplink-signing': 'a pump that signs what it says',
  'code-signing': 'a signer of firmware',
};

const PURPOSES: Readonly<Record<string, string>> = {
  clientAuth: 'to connect as a client',
  serverAuth: 'to be connected to as a server',
  codeSigning: 'to sign code',
  messageSigning: 'to sign messages and releases',
  uplinkSigning: 'to sign what it says of itself',
};

/** An inspection in plain words. */
export function inspectionText({ items, standing }: Inspection): string {
  const parts = items.map((item, index) => factsText(item, index));
  if (standing !== null) parts.push(standingText(standing));
  else if (items.some(({ kind }) => kind === 'certificate')) {
    parts.push('here:      there is no PKI in this folder to judge it by; name one with --dir\n');
  }
  return parts.join('\n');
}

function factsText(facts: Facts, index: number): string {
  switch (facts.kind) {
    case 'certificate':
      return certificateText(facts, index);
    case 'request':
      return lines([
        ['request', facts.subject],
        ['names', facts.names.join(', ') || 'none asked for'],
        ['what for', facts.purposes.length === 0 ? 'it does not say' : purposeText(facts.purposes)],
        ...(facts.wantsAuthority ? [['', 'to be an AUTHORITY'] as const] : []),
        ...(facts.unknownCritical === null
          ? []
          : [['', `critical, and not known here: extension ${facts.unknownCritical}`] as const]),
        ['key', `${facts.key}; its holder ${facts.possessionProved ? 'has it' : 'has NOT shown to have it'}`],
      ]);
    case 'crl':
      return lines([
        ['list', `of what ${facts.issuer} has revoked, number ${facts.number}`],
        ['good', `from ${facts.thisUpdate} to ${facts.nextUpdate}`],
        ['revoked', facts.revoked.length === 0 ? 'nothing' : `${facts.revoked.length}`],
        ...facts.revoked.map((one): Line => ['', `${one.serialNumber}  ${one.at}  ${one.reason}`]),
      ]);
  }
}

function certificateText(facts: CertificateFacts, index: number): string {
  const { authority, purposes } = facts;
  const below = authority?.pathLength === null ? 'any number of' : (authority?.pathLength ?? 0);
  const what =
    authority === null
      ? 'a holder’s certificate'
      : `the certificate of an authority, with ${below} authorities below it`;
  return lines([
    [index === 0 ? 'this is' : 'then', what],
    ['who', facts.subject],
    ['', facts.names.join(', ') || 'no subject alternative name'],
    ['by whom', facts.selfSigned ? 'by itself' : facts.issuer],
    ['what for', authority === null ? purposeText(purposes) : `to certify: ${purposeText(purposes)}`],
    ['', `key usage: ${facts.keyUsage.join(', ') || 'not said'}`],
    ['from', facts.notBefore],
    ['until', facts.notAfter],
    ['key', `${facts.key}, signed by ${facts.signature}`],
    ...(facts.policies.length === 0 ? [] : [['policy', facts.policies.join(', ')] as const]),
    ['serial', facts.serialNumber],
    ['SHA-256', facts.fingerprint],
  ]);
}

function purposeText(purposes: CertificateFacts['purposes']): string {
  if (purposes === null) return 'it does not say, so for anything';
  return purposes.map((one) => PURPOSES[one] ?? one).join(', ');
}

function standingText({ by, at, register, trustedAuthority, judgements }: Standing): string {
  const place = by === 'site' ? 'this PKI' : 'the manufacturer of this PKI';
  const noted = register === null ? 'did not issue it' : 'issued it';
  const marks = [
    register?.revoked ? `revoked: ${register.revoked}` : undefined,
    register?.defect ? `bad on purpose: ${register.defect}` : undefined,
  ].filter((mark) => mark !== undefined);
  const head: Line[] = trustedAuthority
    ? [['here', `an authority that ${place} trusts`]]
    : [['here', [`${place} ${noted}`, ...marks].join('; ')]];
  const verdicts = judgements.flatMap(({ use, accepted, faults }): Line[] => [
    ['', `as ${USES[use]} at ${at}: ${accepted ? 'accepted' : 'REFUSED'}`],
    ...faults.map(
      ({ refusal, control, meaning, detail }): Line => [
        '',
        `  ${refusal} (${control}): ${meaning}\n${PAD}    ${detail}`,
      ],
    ),
  ]);
  return lines([...head, ...verdicts]);
}

type Line = readonly [label: string, text: string];
const WIDTH = 11;
const PAD = ' '.repeat(WIDTH);

function lines(all: readonly Line[]): string {
  return all.map(([label, text]) => `${(label === '' ? '' : `${label}:`).padEnd(WIDTH)}${text}\n`).join('');
}
