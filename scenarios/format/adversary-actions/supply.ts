import { releaseConfiguration, releaseFirmware, releaseLibrary } from '../release-actions.ts';
import { idSchema } from '../values.ts';
import { verb } from '../verb.ts';

const connection = idSchema.describe('Name of a connection that a `connect` step opens.');

const { do: _library, as: _libraryName, ...library } = releaseLibrary.shape;
const { do: _firmware, as: _firmwareName, ...firmware } = releaseFirmware.shape;
const { do: _configuration, as: _configurationName, ...configuration } = releaseConfiguration.shape;

const publishLibrary = verb(
  'publish-library',
  'Publishes a drug library of its own past the pump server, and hands it to the pumps that ask for it.',
  { connection, ...library },
);
const publishFirmware = verb(
  'publish-firmware',
  'Publishes a firmware package of its own past the pump server, and hands it to the pumps that ask for it.',
  { connection, ...firmware },
);
const publishConfiguration = verb(
  'publish-configuration',
  'Publishes a device configuration of its own past the pump server.',
  { connection, ...configuration },
);

/** What an adversary sends to pumps in the place of the pump server. */
export const SUPPLY_VERBS = [publishLibrary, publishFirmware, publishConfiguration] as const;
