import { type Identity, PumprangeError, type StatusService, urnOf } from '../protocol/index.ts';
import { buildFirmwareArtefact, signFirmware, signLibrary } from '../pump-server/index.ts';
import type { ActionOf, StageAction, StepResult } from '../scenarios/index.ts';
import type { BedsideResult, Pump } from '../simulator/pump/index.ts';
import { personalityOf } from './fleet.ts';
import type { Testbed } from './testbed.ts';

const DAY_MS = 24 * 3_600_000;
/** How long a release that a scenario makes is valid. */
const RELEASE_VALID_MS = 365 * 24 * 3_600_000;
/** Size of the filler in a rehearsed firmware package: several chunks on the wire. */
const PAYLOAD_BYTES = 96 * 1024;

/** Carries out what hands and the hospital's systems do in a scenario. */
export async function performAction(testbed: Testbed, action: StageAction): Promise<StepResult> {
  const { caregiver, options } = testbed;
  const at = (serial: string, channel?: string): { pump: Pump; channel: string } => {
    const { pump } = testbed.member(serial);
    return { pump, channel: channel ?? pump.model.channels[0] ?? 'A' };
  };
  switch (action.do) {
    case 'broker-stop':
      await options.settling.hold('the broker that stops', () => testbed.stopBroker());
      return DONE;
    case 'broker-start':
      await options.settling.hold('the broker that starts', () => testbed.startBroker());
      return DONE;
    case 'ca-stop':
    case 'ca-start':
      needsEnrolment(testbed);
      return setService(testbed, 'certificate-authority', action.do === 'ca-start');
    case 'service-stop':
    case 'service-start':
      return setService(testbed, action.service, action.do === 'service-start');
    case 'set-clock':
      testbed.member(action.pump).deviceClock.offsetMs = action.offsetDays * DAY_MS;
      return DONE;
    case 'programme-and-start': {
      const { pump, channel } = at(action.pump, action.channel);
      return resultOf(
        caregiver.programmeAndStart(pump, channel, {
          orderId: action.orderId ?? `order-${action.pump}-${channel}`,
          drug: action.drug,
          rateMlPerH: action.rateMlPerH,
          volumeToBeInfusedMl: action.volumeToBeInfusedMl,
          ...(action.weightKg === undefined ? {} : { weightKg: action.weightKg }),
          ...(action.reservoirMl === undefined ? {} : { reservoirMl: action.reservoirMl }),
        }),
      );
    }
    case 'pause':
    case 'resume':
    case 'stop': {
      const { pump, channel } = at(action.pump, action.channel);
      return resultOf(caregiver[action.do](pump, channel));
    }
    case 'power-cycle':
      return resultOf(caregiver.powerCycle(at(action.pump).pump, action.newPatient));
    case 'clear-alarms':
      return resultOf(caregiver.clearAlarms(at(action.pump).pump));
    case 'silence':
      return resultOf(caregiver.silence(at(action.pump).pump));
    case 'clamp-line':
    case 'open-line': {
      const { pump, channel } = at(action.pump, action.channel);
      pump.physical({ event: action.do === 'clamp-line' ? 'line-clamped' : 'line-opened', channel });
      return DONE;
    }
    case 'release-library':
      return releaseLibrary(testbed, action);
    case 'release-firmware':
      return releaseFirmware(testbed, action);
    case 'revoke':
      return revoke(testbed, action.identity);
  }
}

/** Where pumps enrol, an authority that is away answers none of them; judges may have to make do without it anywhere. */
async function setService(testbed: Testbed, service: StatusService, isUp: boolean): Promise<StepResult> {
  const { status, options } = testbed;
  await options.settling.hold(`the ${service}`, async () => {
    await status.setService(service, isUp);
    if (service === 'certificate-authority') {
      await (isUp ? testbed.startPkiService() : testbed.stopPkiService());
    }
  });
  return DONE;
}

/** A CA that nobody asks may go and come unnoticed: whoever wrote the scenario has forgotten something. */
function needsEnrolment({ options }: Testbed): void {
  if (options.manufacturer !== undefined) return;
  throw new PumprangeError('PR_STEP_FAILED', 'no pump enrols: the scenario has no `enrolment`');
}

const DONE: StepResult = { outcome: 'succeeded', detail: 'done' };

function resultOf(result: BedsideResult): StepResult {
  return result.accepted ? DONE : { outcome: 'refused', detail: result.reason };
}

/** Releases the shipped library of a care area under a new version. */
async function releaseLibrary(testbed: Testbed, action: ActionOf<'release-library'>): Promise<StepResult> {
  const { data, clock, settling } = testbed.options;
  const shipped = data.libraries.find(({ library }) => library.careArea === action.careArea)?.library;
  if (shipped === undefined) throw new Error(`there is no library for ${action.careArea}`);
  const sequence = testbed.server.nextSequence({ careArea: action.careArea }, shipped.sequence + 1);
  const library = { ...shipped, version: action.version, sequence };
  const signed = await signLibrary(
    {
      libraryId: library.id,
      version: library.version,
      sequence,
      careArea: library.careArea,
      models: [...data.models.keys()],
      minimumFirmware: '1.0.0',
      contentBytes: Buffer.from(JSON.stringify(library)),
      notAfterMs: clock.now() + RELEASE_VALID_MS,
    },
    action.approvedBy.map((id) => testbed.signer('pharmacist', id)),
    settling,
    action.tamper,
  );
  testbed.server.releaseLibrary(signed, { unchecked: true });
  return { outcome: 'succeeded', detail: 'published' };
}

async function releaseFirmware(testbed: Testbed, action: ActionOf<'release-firmware'>): Promise<StepResult> {
  const { data, clock, settling } = testbed.options;
  const { model, version, wave } = action;
  const personality = personalityOf(data, model, version);
  const { packageBytes } = await settling.hold('the firmware package', () =>
    buildFirmwareArtefact(personality, PAYLOAD_BYTES),
  );
  const signed = await signFirmware(
    {
      model,
      firmwareVersion: version,
      sequence: testbed.server.nextSequence({ model }),
      securityEpoch: personality.securityEpoch,
      dependencies: personality.dependencies,
      packageBytes,
      notAfterMs: clock.now() + RELEASE_VALID_MS,
    },
    [testbed.signer('vendor', 'vendor-01'), testbed.signer('biomed', 'biomed-01')],
    settling,
    action.tamper,
  );
  testbed.server.releaseFirmware(signed, { unchecked: true, ...(wave === 'all' ? {} : { wave }) });
  return { outcome: 'succeeded', detail: 'published' };
}

function revoke(testbed: Testbed, identity: Identity): StepResult {
  const revoked = testbed.options.pki.revoke(identity, 'keyCompromise');
  return { outcome: 'succeeded', detail: `${revoked.length} certificates of ${urnOf(identity)} revoked` };
}
