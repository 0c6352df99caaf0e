import { type Identity, PumprangeError, type StatusService, urnOf } from '../protocol/index.ts';
import { type ActionOf, durationMs, type StageAction, type StepResult } from '../scenarios/index.ts';
import type { BedsideResult, Pump } from '../simulator/pump/index.ts';
import { decommission } from '../simulator/storage/index.ts';
import { networkStep } from './network-step.ts';
import { quarantineStep } from './quarantine-step.ts';
import type { RehearsedReleases } from './rehearsed-releases.ts';
import type { Testbed } from './testbed.ts';

const DAY_MS = 24 * 3_600_000;

/** Carries out what hands and the hospital's systems do in a scenario. */
export async function performAction(
  testbed: Testbed,
  releases: RehearsedReleases,
  action: Exclude<StageAction, ActionOf<'command'> | ActionOf<'bedside-check'>>,
): Promise<StepResult> {
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
    case 'ca-rollover':
      options.pki.rollOver('devices');
      return DONE;
    case 'migrate':
    case 'ca-retire':
      needsEnrolment(testbed);
      return refusable(() => (action.do === 'migrate' ? migrate(testbed, action) : retire(testbed, action)));
    case 'lose-power':
      return physical(at(action.pump).pump, 'battery-failed', 'mains-lost');
    case 'restore-power': {
      const { pump } = at(action.pump);
      physical(pump, 'battery-replaced', 'mains-restored');
      return resultOf(caregiver.switchOn(pump, true));
    }
    case 'programme-and-start':
    case 'programme': {
      const { pump, channel } = at(action.pump, action.channel);
      const press = action.do === 'programme' ? 'prepare' : 'programmeAndStart';
      return resultOf(
        caregiver[press](pump, channel, {
          orderId: action.orderId ?? `order-${action.pump}-${channel}`,
          drug: action.drug,
          rateMlPerH: action.rateMlPerH,
          volumeToBeInfusedMl: action.volumeToBeInfusedMl,
          ...(action.keyedRateMlPerH === undefined ? {} : { keyedRateMlPerH: action.keyedRateMlPerH }),
          ...(action.weightKg === undefined ? {} : { weightKg: action.weightKg }),
          ...(action.reservoirMl === undefined ? {} : { reservoirMl: action.reservoirMl }),
        }),
      );
    }
    case 'change-rate': {
      const { pump, channel } = at(action.pump, action.channel);
      return resultOf(caregiver.changeRate(pump, channel, action.rateMlPerH));
    }
    case 'bolus': {
      const { pump, channel } = at(action.pump, action.channel);
      return resultOf(caregiver.bolus(pump, channel, action.volumeMl));
    }
    case 'start':
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
    case 'patient-demand': {
      const { pump, channel } = at(action.pump, action.channel);
      return resultOf(caregiver.demand(pump, channel));
    }
    case 'hang-bag': {
      const { pump, channel } = at(action.pump, action.channel);
      return resultOf(caregiver.hangBag(pump, channel, action.volumeMl));
    }
    case 'let-air-in': {
      const { pump, channel } = at(action.pump, action.channel);
      pump.physical({ event: 'air-entered', channel, volumeMicroL: action.volumeMicroL });
      return DONE;
    }
    case 'purge-air': {
      const { pump, channel } = at(action.pump, action.channel);
      pump.physical({ event: 'air-purged', channel });
      return DONE;
    }
    case 'unplug':
    case 'plug-in':
      return physical(at(action.pump).pump, action.do === 'unplug' ? 'mains-lost' : 'mains-restored');
    case 'unlock-keypad': {
      const { pump } = at(action.pump);
      const code = action.code === 'right' ? pump.codes.nurse : mistyped(pump.codes.nurse);
      return resultOf(caregiver.press(pump, { action: 'unlock', code }));
    }
    case 'release-library':
      return releases.library(action);
    case 'release-ceiling':
      return releases.ceiling(action);
    case 'release-configuration':
      return releases.configuration(action);
    case 'release-firmware':
      return releases.firmware(action);
    case 'replay-release':
      return releases.replay(action);
    case 'rollout-begin':
      return releases.beginRollout(action);
    case 'rollout-order':
      return releases.orderRollout(action);
    case 'server-stop':
      testbed.serverProcess.cut();
      return DONE;
    case 'server-start':
      return startServer(testbed, releases, action);
    case 'server-backup':
      releases.backup = testbed.serverProcess.backup();
      return DONE;
    case 'network-cut':
    case 'network-restore':
      return setNetwork(testbed, action);
    case 'quarantine':
    case 'release-quarantine':
      return quarantineStep(testbed, action);
    case 'change-firewall':
    case 'bridge-zones':
    case 'unbridge-zones':
    case 'partition-zones':
    case 'heal-partition':
      return networkStep(testbed, action);
    case 'approve-vendor':
      return approveVendor(testbed, action);
    case 'set-service': {
      const { services } = testbed.member(action.pump);
      const switched = services?.setService(action.service, action.on);
      return switched === undefined || switched.accepted
        ? DONE
        : { outcome: 'refused', detail: switched.reason };
    }
    case 'lock-keypad':
      return resultOf(caregiver.press(at(action.pump).pump, { action: 'lock' }));
    case 'break-glass': {
      const { reason } = action;
      return resultOf(caregiver.press(at(action.pump).pump, { action: 'break-glass', reason }));
    }
    case 'set-occlusion-limit': {
      const { pump } = at(action.pump);
      const setting = { name: 'occlusionLimitMmHg', value: action.mmHg } as const;
      const results = pump.model.channels.map((channel) =>
        caregiver.press(pump, { action: 'configure', channel, setting }),
      );
      return resultOf(results.find(({ accepted }) => !accepted) ?? { accepted: true });
    }
    case 'decommission':
      return leaveService(testbed, action);
    case 'revoke':
      return revoke(testbed, action.identity);
  }
}

/** The last digit is another. */
function mistyped(code: string): string {
  return code.slice(0, -1) + ((Number(code.at(-1)) + 1) % 10);
}

function physical(
  pump: Pump,
  ...events: readonly ('battery-failed' | 'battery-replaced' | 'mains-lost' | 'mains-restored')[]
): StepResult {
  for (const event of events) pump.physical({ event });
  return DONE;
}

/** What the authority refuses is the outcome of a step, and no fault of the rehearsal. */
function refusable(work: () => StepResult): StepResult {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PumprangeError) || error.code !== 'PR_PKI_AUTHORITY') throw error;
    return { outcome: 'refused', detail: error.message };
  }
}

function migrate(testbed: Testbed, { wave }: ActionOf<'migrate'>): StepResult {
  const { migration } = testbed.options.pki;
  const serials = migration.start(wave === 'all' ? 'rest' : { serials: wave });
  testbed.announceRenewals(serials);
  return { outcome: 'succeeded', detail: `${serials.length} pumps are to renew` };
}

function retire(testbed: Testbed, { force }: ActionOf<'ca-retire'>): StepResult {
  const { pki } = testbed.options;
  const ids = pki.migration.progress().from;
  if (ids.length === 0) throw new PumprangeError('PR_PKI_AUTHORITY', 'there is none to retire');
  const revoked = ids.flatMap((id) => pki.retire(id, { force }));
  return { outcome: 'succeeded', detail: `${revoked.length} certificates of ${ids.join(', ')} revoked` };
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

function startServer(
  { serverProcess }: Testbed,
  { backup }: RehearsedReleases,
  { from }: ActionOf<'server-start'>,
): StepResult {
  if (from === 'backup' && backup === undefined) {
    throw new PumprangeError('PR_STEP_FAILED', 'no step before has taken a backup');
  }
  serverProcess.restart(from === 'backup' ? backup : undefined);
  return DONE;
}

/** It is switched off and taken out of the ward; who has it next has what it stores. */
function leaveService(testbed: Testbed, { pump: serial }: ActionOf<'decommission'>): StepResult {
  const member = testbed.member(serial);
  const { pump, storage } = member;
  if (!pump.isIdle) return { outcome: 'refused', detail: 'a therapy is programmed' };
  if (pump.reading().on) pump.bedside('biomed', { action: 'power-off' });
  const wiped = decommission(storage, testbed.options.posture.controls);
  member.stop();
  testbed.station.dismiss(pump.serial);
  return { outcome: 'succeeded', detail: wiped ? 'its memory was wiped' : 'with all that it stores' };
}

function setNetwork(testbed: Testbed, action: ActionOf<'network-cut' | 'network-restore'>): StepResult {
  const serials = action.pumps === 'all' ? [...testbed.members.keys()] : action.pumps;
  for (const serial of serials) {
    const { radio } = testbed.member(serial);
    if (action.do === 'network-restore') radio.restore();
    else if (action.afterBytes === undefined) radio.cut();
    else radio.cutAfter(action.afterBytes);
  }
  return DONE;
}

/** The engineer's name counts for what the certificate behind it does. */
function approveVendor({ network, judge, options }: Testbed, action: ActionOf<'approve-vendor'>): StepResult {
  const engineer = { kind: 'biomed', id: action.engineer } as const;
  const { clock, pki } = options;
  const verdict = judge(pki.credentialFor(engineer).chainDer, 'message-signing', clock.now());
  if (!verdict.accepted) return { outcome: 'refused', detail: `${urnOf(engineer)}: ${verdict.refusal}` };
  network.bastion.approve({
    engineer,
    vendor: { kind: 'vendor', id: action.vendor },
    service: { asset: 'pump', serial: action.pump, name: action.service },
    forMs: durationMs(action.for),
  });
  return { outcome: 'succeeded', detail: `until ${action.for} from now` };
}

async function revoke({ broker, options }: Testbed, identity: Identity): Promise<StepResult> {
  const revoked = options.pki.revoke(identity, 'keyCompromise');
  const { takeUpChanges } = broker ?? {};
  // Ours knows at once.
  if (takeUpChanges !== undefined && options.brokerObeys !== false)
    await options.settling.hold('the broker that reads its lists', takeUpChanges);
  const detail = `${revoked.length} certificates of ${urnOf(identity)} revoked`;
  const isAsked = options.posture.controls.has('certificate-revocation');
  return { outcome: 'succeeded', detail, ...((revoked.length === 0 || !isAsked) && { isIdle: true }) };
}
