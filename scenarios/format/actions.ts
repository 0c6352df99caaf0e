import { z } from 'zod';
import { STATUS_SERVICES } from '../../protocol/index.ts';
import { DEVICE_VERBS } from './adversary-actions/device.ts';
import { MQTT_VERBS } from './adversary-actions/mqtt.ts';
import { NETWORK_VERBS } from './adversary-actions/network.ts';
import { RECORDS_VERBS } from './adversary-actions/records.ts';
import { SUPPLY_VERBS } from './adversary-actions/supply.ts';
import { WIRE_VERBS } from './adversary-actions/wire.ts';
import {
  bolus,
  changeRate,
  command,
  hangBag,
  letAirIn,
  patientDemand,
  plugIn,
  programme,
  programmeAndStart,
  purgeAir,
  start,
  unlockKeypad,
  unplug,
} from './care-actions.ts';
import { breakGlass, decommission, lockKeypad, setOcclusionLimit, setService } from './device-actions.ts';
import {
  approveVendor,
  bridgeZones,
  changeFirewall,
  healPartition,
  partitionZones,
  quarantine,
  releaseQuarantine,
  unbridgeZones,
} from './network-actions.ts';
import {
  releaseCeiling,
  releaseConfiguration,
  releaseFirmware,
  releaseLibrary,
  replayRelease,
} from './release-actions.ts';
import { bedsideCheck, runPlaybook } from './response-actions.ts';
import { rolloutBegin, rolloutOrder, serverBackup, serverStart, serverStop } from './rollout-actions.ts';
import { channelSchema, identitySchema, pumpSchema, pumpsSchema } from './values.ts';
import { verb } from './verb.ts';

/**
 * white: the exercise itself; care: the hospital's staff at their ordinary work, pharmacists and biomedical engineers
 * among them; red: the adversary; blue: those who defend.
 */
export const TEAMS = ['white', 'red', 'blue', 'care'] as const;
export type Team = (typeof TEAMS)[number];

const bedside = { pump: pumpSchema, channel: channelSchema.optional() };

const brokerStop = verb('broker-stop', 'The broker process dies: sockets close, memory is lost.', {});
const brokerStart = verb('broker-start', 'The broker starts again on the same port.', {});

const caStop = verb(
  'ca-stop',
  'The certificate authority answers nobody: no pump enrols or renews. Needs `enrolment` in the scenario.',
  {},
);
const caStart = verb('ca-start', 'The certificate authority answers again, at the same place.', {});
const setClock = verb('set-clock', 'Somebody sets the clock of a pump, by which it judges certificates.', {
  pump: pumpSchema,
  offsetDays: z
    .int()
    .min(-36_500)
    .max(36_500)
    .describe('How far it is then ahead of the right time, in days; negative: behind; 0: right.'),
});
const service = z
  .enum(STATUS_SERVICES)
  .describe(
    'Which one; certificate-authority: nothing is renewed; crl, ocsp: the server that tells of revocations; time-server: no clock is checked.',
  );
const serviceStop = verb('service-stop', 'A service that judges of certificates rely on goes away.', {
  service,
});
const serviceStart = verb('service-start', 'A service that was stopped is there again.', { service });

const caRollover = verb(
  'ca-rollover',
  'The next authority of the devices is made; it issues from now on, and the one before stays trusted.',
  {},
);
const migrate = verb(
  'migrate',
  'Pumps are told to renew, so that they have a certificate of the authority that issues now.',
  {
    wave: z
      .union([z.literal('all'), z.array(pumpSchema).min(1)])
      .describe('Serial numbers, or all that wait.'),
  },
);
const caRetire = verb(
  'ca-retire',
  'The authority of the devices that was rolled over is dropped, with all that it issued.',
  {
    force: z
      .boolean()
      .default(false)
      .describe('Also where a pump has nothing else; otherwise such a step is refused.'),
  },
);
const losePower = verb(
  'lose-power',
  'A pump is without any supply: it is unplugged, and its battery holds nothing.',
  { pump: pumpSchema },
);
const restorePower = verb('restore-power', 'It is plugged in again and switched on.', {
  pump: pumpSchema,
});

const pause = verb('pause', 'Somebody pauses the infusion at the bedside.', bedside);
const resume = verb('resume', 'Somebody resumes a paused or stopped infusion at the bedside.', bedside);
const stop = verb('stop', 'Somebody ends the therapy; the pump goes to standby.', bedside);
const powerCycle = verb('power-cycle', 'Somebody switches the pump off and on again.', {
  pump: pumpSchema,
  newPatient: z.boolean().describe('What is answered to "new patient?"; a pending library waits for yes.'),
});
const clampLine = verb('clamp-line', 'The line to the patient is closed off.', bedside);
const openLine = verb('open-line', 'The line to the patient is free again.', bedside);
const clearAlarms = verb('clear-alarms', 'Somebody clears the alarms whose cause is gone.', {
  pump: pumpSchema,
});
const silence = verb('silence', 'Somebody silences the alarms, for at most two minutes.', {
  pump: pumpSchema,
});

const networkCut = verb('network-cut', 'The network does not reach these pumps any more.', {
  pumps: pumpsSchema,
  afterBytes: z
    .int()
    .positive()
    .optional()
    .describe(
      'It goes for each when messages of more bytes than these would have reached it since, such as in the middle of a transfer; ' +
        'absent: at once.',
    ),
});
const networkRestore = verb('network-restore', 'The network reaches these pumps again.', {
  pumps: pumpsSchema,
});

const revoke = verb(
  'revoke',
  'The certificates of an identity are revoked and the revocation is published.',
  {
    identity: identitySchema,
  },
);

const ADVERSARY_VERBS = [
  ...MQTT_VERBS,
  ...WIRE_VERBS,
  ...NETWORK_VERBS,
  ...DEVICE_VERBS,
  ...RECORDS_VERBS,
  ...SUPPLY_VERBS,
] as const;

export const actionSchema = z.discriminatedUnion('do', [
  brokerStop,
  brokerStart,
  caStop,
  caStart,
  setClock,
  caRollover,
  migrate,
  caRetire,
  losePower,
  restorePower,
  serviceStop,
  serviceStart,
  programmeAndStart,
  programme,
  start,
  changeRate,
  bolus,
  command,
  pause,
  resume,
  stop,
  powerCycle,
  patientDemand,
  hangBag,
  letAirIn,
  purgeAir,
  unplug,
  plugIn,
  unlockKeypad,
  clampLine,
  openLine,
  clearAlarms,
  silence,
  releaseLibrary,
  releaseCeiling,
  releaseConfiguration,
  releaseFirmware,
  replayRelease,
  rolloutBegin,
  rolloutOrder,
  serverStop,
  serverStart,
  serverBackup,
  networkCut,
  networkRestore,
  quarantine,
  changeFirewall,
  bridgeZones,
  unbridgeZones,
  partitionZones,
  healPartition,
  releaseQuarantine,
  approveVendor,
  setService,
  lockKeypad,
  breakGlass,
  setOcclusionLimit,
  decommission,
  ...ADVERSARY_VERBS,
  revoke,
  runPlaybook,
  bedsideCheck,
]);

/** What an adversary does through connections and hands of its own. */
const adversaryActionSchema = z.discriminatedUnion('do', ADVERSARY_VERBS);
export type AdversaryAction = z.infer<typeof adversaryActionSchema>;
const ADVERSARY_DOES: ReadonlySet<string> = new Set(ADVERSARY_VERBS.map((one) => one.shape.do.value));

export function isAdversaryAction(action: Action): action is AdversaryAction {
  return ADVERSARY_DOES.has(action.do);
}
export type Action = z.infer<typeof actionSchema>;
export type Verb = Action['do'];
/** The action of one verb, e.g. `ActionOf<'connect'>`. */
export type ActionOf<V extends Verb> = Extract<Action, { do: V }>;

/** Who may do what. A release can be anybody's slip or theft, so three teams can make one. */
export const VERB_TEAMS = {
  'broker-stop': ['white'],
  'broker-start': ['white'],
  'ca-stop': ['white'],
  'ca-start': ['white'],
  'set-clock': ['white', 'care', 'red'],
  'ca-rollover': ['white', 'blue'],
  migrate: ['white', 'blue'],
  'ca-retire': ['white', 'blue'],
  'lose-power': ['white', 'care'],
  'restore-power': ['white', 'care'],
  'service-stop': ['white'],
  'service-start': ['white'],
  'programme-and-start': ['care'],
  programme: ['care'],
  start: ['care'],
  'change-rate': ['care'],
  bolus: ['care'],
  command: ['care'],
  pause: ['care'],
  resume: ['care'],
  stop: ['care'],
  'power-cycle': ['care'],
  'patient-demand': ['care'],
  'hang-bag': ['care'],
  'let-air-in': ['white'],
  'purge-air': ['care'],
  unplug: ['white', 'care'],
  'plug-in': ['white', 'care'],
  'unlock-keypad': ['care'],
  'clamp-line': ['white', 'care'],
  'open-line': ['white', 'care'],
  'clear-alarms': ['care'],
  silence: ['care'],
  'release-library': ['care', 'white', 'red'],
  'release-ceiling': ['care', 'white', 'red'],
  'release-configuration': ['care', 'white', 'red'],
  'release-firmware': ['care', 'white', 'red'],
  'replay-release': ['white', 'red'],
  'rollout-begin': ['care'],
  'rollout-order': ['care', 'blue'],
  'server-stop': ['white'],
  'server-start': ['white'],
  'server-backup': ['white'],
  // Whoever attacks has no hand on the network itself: `misdirect` needs a place on it.
  'network-cut': ['white'],
  'network-restore': ['white', 'blue', 'care'],
  quarantine: ['blue', 'white'],
  // Whoever looks after the network; an adversary has no firewall to change.
  'change-firewall': ['white', 'blue'],
  'bridge-zones': ['white'],
  'unbridge-zones': ['white', 'blue'],
  'partition-zones': ['white'],
  'heal-partition': ['white', 'blue'],
  'release-quarantine': ['blue', 'white'],
  'approve-vendor': ['care', 'white'],
  connect: ['red'],
  publish: ['red'],
  'publish-command': ['red'],
  replay: ['red'],
  subscribe: ['red'],
  disconnect: ['red'],
  'publish-library': ['red'],
  'publish-firmware': ['red'],
  'publish-configuration': ['red'],
  'set-service': ['care', 'blue', 'white'],
  'lock-keypad': ['care'],
  // An insider can reach the covered key, too.
  'break-glass': ['care', 'red'],
  'set-occlusion-limit': ['care'],
  decommission: ['care'],
  'open-console': ['red'],
  'console-command': ['red'],
  'upload-package': ['red'],
  'send-oversize': ['red'],
  'extract-storage': ['red'],
  'alter-storage': ['red'],
  'guess-keypad': ['red'],
  'change-at-bedside': ['red'],
  'send-malformed': ['red'],
  'open-connections': ['red'],
  'publish-flood': ['red'],
  'subscribe-flood': ['red'],
  'exhaust-qos2': ['red'],
  'rogue-server': ['red'],
  misdirect: ['red'],
  'lead-back': ['red'],
  'join-network': ['red'],
  'vendor-session': ['red'],
  enrol: ['red'],
  probe: ['red'],
  'inject-command': ['red'],
  'forge-uplink': ['red'],
  'suppress-alarms': ['red'],
  'wipe-evidence': ['red'],
  'forge-evidence': ['red'],
  revoke: ['blue', 'white'],
  'run-playbook': ['blue'],
  'bedside-check': ['care', 'blue'],
} as const satisfies Record<Verb, readonly Team[]>;
