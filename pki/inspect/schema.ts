import { z } from 'zod';
import { CONTROL_IDS, type ControlId } from '../../protocol/index.ts';
import type { CertificateFacts, CrlFacts } from './facts.ts';
import type { Inspection, Standing } from './inspect.ts';
import { REFUSALS } from './meanings.ts';
import type { RequestFacts } from './request-facts.ts';

const time = z.iso.datetime().describe('ISO 8601, UTC.');
const hex = z.string().regex(/^[0-9a-f]+$/);
const names = z.array(z.string()).describe('As URI:…, DNS:…, IP Address:….');

const certificate: z.ZodType<CertificateFacts> = z
  .strictObject({
    kind: z.literal('certificate'),
    subject: z.string(),
    issuer: z.string(),
    selfSigned: z.boolean(),
    names,
    serialNumber: hex,
    fingerprint: hex.length(64).describe('SHA-256 of the DER.'),
    notBefore: time,
    notAfter: time,
    key: z.string(),
    signature: z.string(),
    authority: z
      .strictObject({ pathLength: z.int().nonnegative().nullable() })
      .nullable()
      .describe('null: it is no authority.'),
    keyUsage: z.array(z.string()),
    purposes: z.array(z.string()).nullable().describe('null: it does not say, and is good for anything.'),
    policies: z.array(z.string()),
    unreadable: z.string().nullable().describe('Why our strict reader does not take it; null: it does.'),
  })
  .describe('What a certificate says, whoever made it.');

const request: z.ZodType<RequestFacts> = z
  .strictObject({
    kind: z.literal('request'),
    subject: z.string(),
    key: z.string(),
    names,
    purposes: z.array(z.string()).describe('None: it does not ask for any.'),
    wantsAuthority: z.boolean().describe('Whether it asks for the right to certify, or to revoke.'),
    unknownCritical: z
      .string()
      .nullable()
      .describe('The first critical extension that is not known; null: there is none.'),
    possessionProved: z.boolean().describe('Whether whoever asks has shown to hold the key.'),
  })
  .describe('What a certification request asks for.');

const crl: z.ZodType<CrlFacts> = z
  .strictObject({
    kind: z.literal('crl'),
    issuer: z.string(),
    number: z.int().nonnegative(),
    thisUpdate: time,
    nextUpdate: time,
    revoked: z.array(z.strictObject({ serialNumber: hex, at: time, reason: z.string() })),
  })
  .describe('What a revocation list says.');

const standing: z.ZodType<Standing> = z.strictObject({
  by: z.enum(['site', 'manufacturer']).describe('Whose trust it was judged by.'),
  at: time,
  register: z
    .strictObject({ revoked: z.string().nullable(), defect: z.string().nullable() })
    .nullable()
    .describe('The first certificate in the register; null: not issued here, or not noted.'),
  trustedAuthority: z
    .boolean()
    .describe('Of an authority: whether it is trusted. Such a certificate is judged for no use.'),
  judgements: z.array(
    z.strictObject({
      use: z.enum(['tls-client', 'tls-server', 'message-signing', 'uplink-signing', 'code-signing']),
      accepted: z.boolean(),
      faults: z
        .array(
          z.strictObject({
            refusal: z.enum(REFUSALS),
            control: z.enum(CONTROL_IDS as [ControlId, ...ControlId[]]),
            detail: z.string(),
            meaning: z.string().describe('In plain words.'),
          }),
        )
        .describe('Every check that it fails, the one that would be named first at the front.'),
    }),
  ),
});

/** What `pumprange pki inspect --json` prints. */
export const inspectionSchema: z.ZodType<Inspection> = z
  .strictObject({
    version: z.literal(1).describe('Version of this format.'),
    items: z.array(z.union([certificate, request, crl])).describe('What was shown, in its order.'),
    standing: standing
      .nullable()
      .describe('How this place would take it; null: there is no PKI to judge by, or no certificate.'),
  })
  .describe('Certificates, requests and revocation lists, explained.');

/** The JSON Schema that is published as `pki/schemas/inspection.schema.json`. */
export function inspectionJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(inspectionSchema, { io: 'input' });
  return { $schema, title: 'Pumprange inspection', ...rest };
}
