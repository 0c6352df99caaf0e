import { LIBRARY_BANNER, readLibrary } from '../../../protocol/drug-library/index.ts';
import { buildFirmwarePackage, fillerPayload } from '../../../protocol/firmware/index.ts';

const PAYLOAD_BYTES = 64;
const BILL = Buffer.from(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6' }));

/** A package that nobody signed, for a model: a version that checks nothing any more. */
export function forgedPackage(model: string, version: string): Buffer {
  const personality = {
    ...{ model, version, securityEpoch: 0, selfTest: 'passes', components: [], dependencies: [] },
    weaknesses: ['does-not-verify-command-signature', 'accepts-unsigned-firmware', 'open-console'],
  } satisfies Parameters<typeof buildFirmwarePackage>[0];
  return Buffer.from(buildFirmwarePackage(personality, fillerPayload(personality, PAYLOAD_BYTES), BILL));
}

/** What no dose of any drug is above: a library has to name some limit. */
const NO_LIMIT = { softMax: 999 };

/**
 * A drug library without the limits of one drug.
 *
 * @returns `undefined` if it is no library, or has no such entry
 */
export function loosenedLibrary(content: string, drug: string, version: string): string | undefined {
  const { library } = readLibrary(Buffer.from(content, 'utf8'));
  if (library === null || !library.entries.some((entry) => entry.drug === drug)) return undefined;
  const entries = library.entries.map(({ limits, ...entry }) =>
    entry.drug === drug ? { ...entry, rateLimitsMlPerH: NO_LIMIT } : { limits, ...entry },
  );
  return JSON.stringify({ ...library, version, entries });
}

/** A device configuration that nobody signed. */
export function forgedConfiguration(careArea: string, model: string, occlusionLimitMmHg: number): object {
  return {
    document: 'device-configuration',
    version: 1,
    sequence: 999_999,
    notAfter: '2099-01-01T00:00:00.000Z',
    configuration: 'imported',
    configurationVersion: '9.9.9',
    banner: LIBRARY_BANNER,
    careArea,
    models: [model],
    settings: {
      timeServer: '127.0.0.1',
      networkProfile: 'ward',
      brokerAddress: { host: '127.0.0.1', port: 8_883 },
      alarms: { occlusionLimitMmHg },
    },
  };
}
