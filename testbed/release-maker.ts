import { type DrugLibrary, LIBRARY_BANNER, type LibraryEntry } from '../protocol/drug-library/index.ts';
import type { FirmwarePersonality } from '../protocol/firmware/index.ts';
import { type Identity, PumprangeError, type Signer } from '../protocol/index.ts';
import {
  buildFirmwareArtefact,
  type SignedDocument,
  type SignedFirmware,
  type SignedLibrary,
  signDocument,
  signFirmware,
  signLibrary,
} from '../pump-server/index.ts';
import { type ActionOf, durationMs } from '../scenarios/index.ts';
import { ceilingDocument } from './ceilings.ts';
import { configurationDocument } from './configurations.ts';
import { personalityOf } from './fleet.ts';
import type { Testbed } from './testbed.ts';

/** Size of the filler in a rehearsed firmware package: several chunks on the wire. */
const PAYLOAD_BYTES = 96 * 1024;

type LibraryAction = Omit<ActionOf<'release-library'>, 'do' | 'as'>;
type CeilingAction = Omit<ActionOf<'release-ceiling'>, 'do' | 'as'>;
type ConfigurationAction = Omit<ActionOf<'release-configuration'>, 'do' | 'as'>;
type FirmwareAction = Omit<ActionOf<'release-firmware'>, 'do' | 'as' | 'tamper' | 'wave'>;

/** Makes what a step wants released, good or bad. Who publishes it, and how, is another matter. */
export class ReleaseMaker {
  readonly #testbed: Testbed;

  constructor(testbed: Testbed) {
    this.#testbed = testbed;
  }

  /** The shipped library of a care area under a new version, changed as the step says. */
  async library(action: LibraryAction): Promise<SignedLibrary> {
    const { server, options } = this.#testbed;
    const { data, clock, settling } = options;
    const { careArea } = action;
    const shipped = data.libraries.find(({ library }) => library.careArea === (action.contentOf ?? careArea));
    if (shipped === undefined) {
      throw new PumprangeError('PR_STEP_FAILED', `there is no library for ${action.contentOf ?? careArea}`);
    }
    const sequence = action.sequence ?? server.nextSequence({ careArea }, shipped.library.sequence + 1);
    const library = changed(
      {
        ...shipped.library,
        version: action.version,
        sequence,
        entries: [...shipped.library.entries, ...syntheticEntries(action.extraEntries ?? 0)],
      },
      action.limits ?? [],
    );
    return signLibrary(
      {
        libraryId: library.id,
        version: library.version,
        sequence,
        careArea,
        models: [...data.models.keys()],
        minimumFirmware: action.minimumFirmware,
        contentBytes: Buffer.from(JSON.stringify(library)),
        notAfterMs: clock.now() + durationMs(action.validFor),
      },
      action.approvedBy.map((by) =>
        typeof by === 'string'
          ? this.#signer({ kind: 'pharmacist', id: by })
          : this.#signer(by, by.certificate),
      ),
      settling,
      action.tamper,
    );
  }

  /** The shipped ceiling of a care area under a new version, changed as the step says. */
  async ceiling(action: CeilingAction): Promise<SignedDocument> {
    const { server, options } = this.#testbed;
    const { data, clock, settling } = options;
    const { careArea, limits = [] } = action;
    const shipped = data.ceilings.find(({ careAreas }) => careAreas.includes(careArea));
    if (shipped === undefined) {
      throw new PumprangeError('PR_STEP_FAILED', `there is no ceiling for ${careArea}`);
    }
    const unknown = limits.find(({ drug }) => !shipped.limits.some((one) => one.drug === drug));
    if (unknown !== undefined) {
      throw new PumprangeError('PR_STEP_FAILED', `there is no ${unknown.drug} in the ceiling of ${careArea}`);
    }
    const before = server.currentDocument('library-ceiling', careArea)?.sequence ?? shipped.sequence;
    const document = ceilingDocument(
      {
        ...shipped,
        ceilingVersion: action.version,
        sequence: action.sequence ?? before + 1,
        careAreas: [careArea],
        limits: shipped.limits.flatMap((limit) => {
          const change = limits.find(({ drug }) => drug === limit.drug);
          if (change === undefined) return limit;
          return change.hardMax === null ? [] : { ...limit, hardMax: change.hardMax };
        }),
      },
      clock.now() + durationMs(action.validFor),
    );
    const signers = action.signedBy.map((by) => this.#signer(by, by.certificate));
    return signDocument(document, signers, settling, action.tamper);
  }

  /** A device configuration whose addresses are of this machine. */
  async configuration(action: ConfigurationAction): Promise<SignedDocument> {
    const { server, options } = this.#testbed;
    const { clock, settling } = options;
    const { careArea, version, models, alarms } = action;
    const before = server.currentDocument('device-configuration', careArea)?.sequence ?? 0;
    const document = configurationDocument(
      {
        configuration: 'rehearsed',
        configurationVersion: version,
        sequence: action.sequence ?? before + 1,
        banner: LIBRARY_BANNER,
        ...{ careArea, models },
        settings: {
          timeServer: '127.0.0.1',
          networkProfile: 'ward-eap-tls',
          brokerAddress: { host: '127.0.0.1', port: 8_883 },
          alarms,
        },
      },
      clock.now() + durationMs(action.validFor),
    );
    const signers = action.approvedBy.map((by) => this.#signer(by, by.certificate));
    return signDocument(document, signers, settling, action.tamper);
  }

  /** A shipped firmware version, changed as the step says. */
  async firmware(
    action: FirmwareAction,
    flaw: ActionOf<'release-firmware'>['tamper'] = 'none',
  ): Promise<SignedFirmware> {
    const { server, options } = this.#testbed;
    const { data, clock, settling } = options;
    const { model, version, packageOf } = action;
    const shipped = personalityOf(data, model, action.contentOf ?? version);
    const personality: FirmwarePersonality = {
      ...shipped,
      version,
      securityEpoch: action.securityEpoch ?? shipped.securityEpoch,
      dependencies: action.dependencies ?? shipped.dependencies,
      selfTest: action.selfTest ?? shipped.selfTest,
    };
    const signed = await signFirmware(
      {
        model,
        firmwareVersion: version,
        sequence: action.sequence ?? server.nextSequence({ model }),
        securityEpoch: personality.securityEpoch,
        dependencies: personality.dependencies,
        packageBytes: await this.#package(personality),
        notAfterMs: clock.now() + durationMs(action.validFor),
      },
      action.signedBy.map((by) => this.#signer(by, by.certificate)),
      settling,
      flaw,
    );
    return packageOf === undefined
      ? signed
      : { ...signed, packageBytes: await this.#package(personalityOf(data, model, packageOf)) };
  }

  async #package(personality: FirmwarePersonality): Promise<Uint8Array> {
    const { settling } = this.#testbed.options;
    const { packageBytes } = await settling.hold('the firmware package', () =>
      buildFirmwareArtefact(personality, PAYLOAD_BYTES),
    );
    return packageBytes;
  }

  #signer(
    { kind, id }: Identity,
    certificate: Exclude<ActionOf<'release-library'>['approvedBy'][number], string>['certificate'] = 'good',
  ): Signer {
    const { pki } = this.#testbed.options;
    if (certificate !== 'good') return pki.issueDefective(certificate, { kind, id });
    return kind === 'vendor'
      ? pki.credentialFor({ kind, id }, 'firmware-signer')
      : pki.credentialFor({ kind, id });
  }
}

/** Drugs that nobody has, in the number that a large hospital has of real ones. */
function syntheticEntries(count: number): readonly LibraryEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    drug: `training-drug-${String(index + 1).padStart(4, '0')}`,
    concentration: { amount: 100, amountUnit: 'mg' as const, volumeMl: 100 },
    doseUnit: 'mg/h',
    limits: { softMin: 1, softMax: 10, hardMax: 20 },
  }));
}

function changed(
  library: DrugLibrary,
  limits: NonNullable<ActionOf<'release-library'>['limits']>,
): DrugLibrary {
  for (const { drug } of limits) {
    if (library.entries.some((entry) => entry.drug === drug)) continue;
    throw new PumprangeError('PR_STEP_FAILED', `there is no ${drug} in the library ${library.id}`);
  }
  return {
    ...library,
    entries: library.entries.map((entry) => {
      let bounds = entry.limits ?? {};
      for (const { drug, bound, value } of limits) {
        if (drug === entry.drug) bounds = { ...bounds, [bound]: value ?? undefined };
      }
      return { ...entry, limits: bounds };
    }),
  };
}
