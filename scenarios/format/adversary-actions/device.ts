import { z } from 'zod';
import { pumpServiceSchema, storedSchema } from '../device-values.ts';
import { durationSchema } from '../duration.ts';
import { channelSchema, idSchema, nameSchema, pumpSchema, rateSchema, versionSchema } from '../values.ts';
import { verb } from '../verb.ts';

const console = idSchema.describe('Name of a connection that an `open-console` step opens.');
const reads = {
  stored: z.array(storedSchema).min(1).describe('What is read, in this order.'),
  keepAs: idSchema
    .optional()
    .describe('Name of certificate and key, if both are read, for a `connect` with what was extracted.'),
};
const mmHg = z.number().positive().max(1_034).describe('Pressure, in mmHg.');
const by = { channel: channelSchema.optional() };

const openConsole = verb('open-console', 'Opens a conversation with a service of a pump.', {
  console: idSchema.describe('Name by which later steps speak of this conversation.'),
  pump: pumpSchema,
  service: pumpServiceSchema
    .exclude(['files', 'session'])
    .default('console')
    .describe('Which service; both answer line by line.'),
  code: z
    .union([z.literal('shared'), nameSchema])
    .optional()
    .describe('Service code; shared: the one that all pumps of a kind are delivered with. Absent: no login.'),
});

/** What is said is typed; no step writes a line of the protocol itself. */
const commandSchema = z
  .discriminatedUnion('command', [
    z.strictObject({ command: z.literal('identify').describe('Asks which pump this is.') }),
    z.strictObject({ command: z.literal('read').describe('Reads what the pump stores.'), ...reads }),
    z.strictObject({
      command: z.literal('set-occlusion-limit').describe('Sets at which pressure an occlusion alarms.'),
      ...by,
      mmHg,
    }),
    z.strictObject({
      command: z.literal('calibrate').describe('Sets how much the set delivers of what is programmed.'),
      ...by,
      share: z.number().min(0.5).max(2).describe('1: as it should.'),
    }),
    z.strictObject({ command: z.literal('clear-log').describe("Empties the pump's own log.") }),
    z.strictObject({
      command: z
        .literal('import-configuration')
        .describe('Imports a device configuration that nobody signed.'),
      mmHg: mmHg.describe('Occlusion limit of the configuration, in mmHg.'),
    }),
  ])
  .describe('What is said.');

const consoleCommand = verb('console-command', 'Says something in a conversation that is open.', {
  console,
  say: commandSchema,
});

const uploadPackage = verb('upload-package', 'Sends a file to the file service of a pump.', {
  pump: pumpSchema,
  file: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('firmware').describe('A package that nobody signed.'),
        version: versionSchema,
      }),
      z.strictObject({
        kind: z.literal('library').describe('The library that was read from a pump before, altered.'),
        version: versionSchema,
        drug: z.string().min(1).describe('Name of the entry whose limits go.'),
      }),
    ])
    .describe('What is sent.'),
});

const sendOversize = verb(
  'send-oversize',
  'Sends a service a line that is longer than it expects. No memory is overrun.',
  {
    pump: pumpSchema,
    service: pumpServiceSchema.default('session').describe('Which service.'),
    bytes: z.int().min(1).max(65_536).describe('How long.'),
  },
);

const extractStorage = verb('extract-storage', 'Reads what a pump stores, with the pump in hands.', {
  pump: pumpSchema,
  ...reads,
});

const alterStorage = verb('alter-storage', 'Alters what a pump stores, with the pump in hands.', {
  pump: pumpSchema,
  change: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z
          .literal('wipe-log')
          .describe('Takes all records out of the log that no server has confirmed.'),
      }),
      z.strictObject({ kind: z.literal('strike-out-log').describe('Takes out what those records say.') }),
      z.strictObject({
        kind: z.literal('loosen-library').describe('Takes the limits of an entry out of the drug library.'),
        version: versionSchema.describe('What the altered library calls itself.'),
        drug: z.string().min(1).describe('Name of the entry.'),
      }),
    ])
    .describe('What becomes of it.'),
});

const guessKeypad = verb(
  'guess-keypad',
  'Tries codes of four digits at a locked keypad, one after the other, until one fits.',
  {
    pump: pumpSchema,
    seen: z.int().min(0).max(3).describe('How many of the first digits were seen over a shoulder.'),
    every: durationSchema.describe('Time from one try to the next.'),
    tries: z.int().min(1).max(10_000).describe('After so many tries it gives up.'),
  },
);

const changeAtBedside = verb(
  'change-at-bedside',
  'Changes a running infusion at the keypad, past any order.',
  {
    pump: pumpSchema,
    ...by,
    rateMlPerH: rateSchema.describe('The new rate, in mL/h; soft limits are overridden.'),
  },
);

/** What an adversary does to a pump as a device. */
export const DEVICE_VERBS = [
  openConsole,
  consoleCommand,
  uploadPackage,
  sendOversize,
  extractStorage,
  alterStorage,
  guessKeypad,
  changeAtBedside,
] as const;
