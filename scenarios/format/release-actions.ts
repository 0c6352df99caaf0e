import { z } from 'zod';
import { dependenciesSchema } from '../../protocol/firmware/index.ts';
import { durationSchema } from './duration.ts';
import { idSchema, nameSchema, pumpSchema, versionSchema } from './values.ts';
import { verb } from './verb.ts';

/** What can be wrong with the certificate by which a signature is judged. */
const certificate = z
  .enum(['good', 'expired', 'not-yet-valid', 'revoked', 'wrong-ca', 'self-signed', 'wrong-usage'])
  .default('good')
  .describe(
    'Of the signer; expired: ran out before; revoked: for a compromised key; wrong-ca: of another site; ' +
      'self-signed: vouches for itself; wrong-usage: not for this kind of signature.',
  );

const signerOf = <const Kind extends readonly [string, ...string[]]>(kinds: Kind) =>
  z.strictObject({ kind: z.enum(kinds), id: nameSchema, certificate });

/** Who signs a library: a bare name is a pharmacist with a good certificate. */
const librarySigner = z.union([
  nameSchema,
  signerOf(['pharmacist', 'biomed', 'nurse', 'security', 'vendor']),
]);
const firmwareSigner = signerOf(['vendor', 'biomed', 'pharmacist', 'nurse', 'security']);

const ceilingSigner = signerOf(['clinical-engineer', 'pharmacist', 'biomed', 'nurse', 'security', 'vendor']);

const remembered = idSchema
  .optional()
  .describe('Name by which `replay-release` speaks of this release; absent: none does.');
const validFor = durationSchema.default('30d').describe('How long after the step the release expires.');
const sequence = z.int().positive().optional().describe('Sequence number; absent: the next one.');

const limit = z
  .strictObject({
    drug: z.string().min(1).describe('Name of an entry.'),
    bound: z.enum(['hardMin', 'softMin', 'softMax', 'hardMax']),
    value: z
      .number()
      .nonnegative()
      .nullable()
      .describe("In the entry's dose unit; null: the bound is dropped."),
  })
  .describe('A limit that differs from the shipped library.');

export const releaseLibrary = verb(
  'release-library',
  'A new version of a drug library is released to a care area.',
  {
    careArea: nameSchema.describe('Care area whose pumps shall take it.'),
    version: versionSchema.describe('Version of the new library.'),
    approvedBy: z
      .array(librarySigner)
      .min(1)
      .max(8)
      .describe('Who signs it, in this order; a bare name is a pharmacist.'),
    contentOf: nameSchema
      .optional()
      .describe('The library of this care area is sent under the name of the other; absent: its own.'),
    limits: z
      .array(limit)
      .min(1)
      .max(32)
      .optional()
      .describe('Limits that differ from the shipped library; absent: none does.'),
    extraEntries: z
      .int()
      .min(1)
      .max(5_000)
      .optional()
      .describe(
        'So many synthetic drugs more than in the shipped library: a large one goes in several chunks.',
      ),
    minimumFirmware: versionSchema.default('1.0.0').describe('Older firmware does not take it.'),
    sequence,
    validFor,
    as: remembered,
    tamper: z
      .enum(['none', 'unsigned', 'bad-signature', 'wrong-digest', 'single-approver'])
      .default('none')
      .describe(
        'What is wrong with it: unsigned: nobody signed; bad-signature: valid in form, but the signatures are not over this content; ' +
          'wrong-digest: the content is not what the manifest says; single-approver: signed by the first approver only.',
      ),
  },
);

export const releaseCeiling = verb(
  'release-ceiling',
  'Another ceiling above the drug libraries of a care area is released: the shipped one, changed as the step says.',
  {
    careArea: nameSchema.describe('Care area whose pumps shall go by it.'),
    version: versionSchema.describe('Version of the ceiling.'),
    limits: z
      .array(
        z.strictObject({
          drug: z.string().min(1).describe('Name of a limit of the shipped ceiling.'),
          hardMax: z
            .number()
            .positive()
            .nullable()
            .describe('In the unit of the shipped ceiling; null: the drug is not limited any more.'),
        }),
      )
      .min(1)
      .max(32)
      .optional()
      .describe('What differs from the shipped ceiling.'),
    signedBy: z
      .array(ceilingSigner)
      .max(8)
      .default([{ kind: 'clinical-engineer', id: 'clinical-engineer-01', certificate: 'good' }])
      .describe('Who signs it.'),
    sequence,
    validFor,
    as: remembered,
    tamper: z
      .enum(['none', 'unsigned', 'bad-signature'])
      .default('none')
      .describe(
        'What is wrong with it: unsigned: nobody signed; bad-signature: the signature is over another ceiling.',
      ),
  },
);

const configurationSigner = signerOf(['biomed', 'security', 'pharmacist', 'nurse', 'vendor']);

export const releaseConfiguration = verb(
  'release-configuration',
  'A device configuration is released to a care area.',
  {
    careArea: nameSchema.describe('Care area whose pumps shall take it.'),
    version: versionSchema.describe('Version of the configuration.'),
    models: z
      .array(z.enum(['lvp', 'syringe', 'pca']))
      .min(1)
      .default(['lvp'])
      .describe('Models that it is for.'),
    alarms: z
      .strictObject({
        occlusionLimitMmHg: z.number().positive().optional(),
        airLimitMicroL: z.number().positive().optional(),
        keepVeinOpenMlPerH: z.number().positive().optional(),
        autoRestarts: z.int().nonnegative().optional(),
      })
      .default({})
      .describe('What channels are set to for each patient; what is left out is as the model comes.'),
    approvedBy: z
      .array(configurationSigner)
      .max(8)
      .default([
        { kind: 'biomed', id: 'biomed-01', certificate: 'good' },
        { kind: 'security', id: 'security-01', certificate: 'good' },
      ])
      .describe('Who signs it, in this order.'),
    sequence,
    validFor,
    as: remembered,
    tamper: z
      .enum(['none', 'unsigned', 'bad-signature', 'single-approver'])
      .default('none')
      .describe(
        'What is wrong with it: unsigned: nobody signed; bad-signature: the signatures are over another configuration; ' +
          'single-approver: signed by the first approver only.',
      ),
  },
);

/** What a firmware package is made of, and who vouches for it. */
export const firmwareContent = {
  model: z.enum(['lvp', 'syringe', 'pca']).describe('Model that it is for.'),
  version: versionSchema.describe('Version of the package.'),
  contentOf: versionSchema
    .optional()
    .describe(
      'What that shipped version is made of is sent under the name of this one, weaknesses and all; absent: its own. ' +
        'So come versions that are not shipped, and impostors.',
    ),
  packageOf: versionSchema
    .optional()
    .describe('The package of that shipped version goes with the manifest of this one; absent: its own.'),
  securityEpoch: z
    .int()
    .nonnegative()
    .optional()
    .describe('That the vendor gives it, or whoever holds his key; absent: as the shipped version has it.'),
  dependencies: dependenciesSchema
    .optional()
    .describe('What a pump must have before it may take it; absent: as the shipped version has it.'),
  signedBy: z
    .array(firmwareSigner)
    .max(8)
    .default([
      { kind: 'vendor', id: 'vendor-01', certificate: 'good' },
      { kind: 'biomed', id: 'biomed-01', certificate: 'good' },
    ])
    .describe('The vendor, and who accepts it for the hospital.'),
  selfTest: z
    .enum(['passes', 'fails', 'hangs'])
    .optional()
    .describe('How a pump fares on it in its trial; absent: as the shipped version does.'),
  sequence,
  validFor,
} as const;

export const releaseFirmware = verb('release-firmware', 'A firmware package is released to a model.', {
  ...firmwareContent,
  as: remembered,
  tamper: z
    .enum(['none', 'unsigned', 'bad-signature', 'wrong-digest'])
    .default('none')
    .describe(
      "What is wrong with it: unsigned: no vendor's signature; bad-signature: the signature is not over this " +
        'content; wrong-digest: the content is not what the manifest says.',
    ),
  wave: z
    .union([z.literal('all'), z.array(pumpSchema).min(1)])
    .describe('Serial numbers that may take it now, or `all` of the model.'),
});

export const replayRelease = verb(
  'replay-release',
  'A release that was made before is published again, as it was: somebody kept it, or the server forgot the later ones.',
  { release: idSchema.describe('The `as` of the step that made it.') },
);
