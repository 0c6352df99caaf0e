import { createPrivateKey } from 'node:crypto';
import type { Clock, Random, Settling } from '../clock/index.ts';
import { type Manufacturer, type Pki, parseCertificate, pemBlocks } from '../pki/index.ts';
import type { DrugLibrary } from '../protocol/drug-library/index.ts';
import { type FirmwarePersonality, isEffective } from '../protocol/firmware/index.ts';
import {
  type CertificateJudge,
  type EvidenceSink,
  type LibraryCeiling,
  type Posture,
  PumprangeError,
  type Serial,
  type Signer,
} from '../protocol/index.ts';
import { DeviceClock, EstClient, type KeptCertificate, keepCertified } from '../simulator/enrolment/index.ts';
import { ESSENTIAL_PERFORMANCE, Pump } from '../simulator/pump/index.ts';
import type { PumpServices } from '../simulator/services/index.ts';
import { type LogRecord, PumpShell } from '../simulator/shell/index.ts';
import type { DeviceStorage } from '../simulator/storage/index.ts';
import { type ClientCredential, type Endpoint, Radio } from '../simulator/transport/index.ts';
import { type Admission, syntheticPatients } from '../simulator/ward/index.ts';
import type { WardData } from './data.ts';
import { dialer, downgrades, tellingWhoWasRefused } from './dialer.ts';
import { ENROLMENT_CODEC } from './enrolment.ts';
import { pumpDevice, type ServicePlan } from './pump-device.ts';

/** One pump as it is put on the ward. */
export interface PumpSpec {
  readonly serial: Serial;
  readonly model: string;
  readonly careArea: string;
  readonly firmware: string;
  /** Library in use at the start; `null`: none until one was transferred and a new patient came. */
  readonly library: DrugLibrary | null;
}

export interface FleetOptions {
  readonly clock: Clock;
  readonly settling: Settling;
  readonly random: Random;
  readonly pki: Pki;
  readonly judge: CertificateJudge;
  readonly posture: Posture;
  readonly data: WardData;
  readonly evidence: EvidenceSink;
  /** Where the broker is now. */
  readonly endpoint: () => Endpoint;
  readonly telemetryEveryMs: number;
  /** The verified ceilings that pumps are commissioned with, by care area; absent: none. */
  readonly ceilings?: ReadonlyMap<string, LibraryCeiling>;
  /** Loopback address that a pump speaks from; absent: all stand at 127.0.0.1. */
  readonly addressOf?: (serial: Serial) => string | undefined;
  /** How pumps come by their certificates. Absent: the PKI issues them, and they are there from the start. */
  readonly enrolment?: Enrolment | undefined;
  readonly onRecord?: (serial: Serial, record: LogRecord) => void;
  /** Told of all that a pump says of itself. */
  readonly onSaid?: ((serial: Serial, topic: string, text: string) => void) | undefined;
  /** Told of each synthetic patient that comes to a pump. */
  readonly onAdmission?: ((admission: Admission) => void) | undefined;
  /** Where pumps offer services of their own; absent: they have none. */
  readonly services?: ServicePlan | undefined;
}

/** Pumps make their keys themselves and enrol with a birth certificate. */
export interface Enrolment {
  /** Where the EST server is now. */
  readonly endpoint: () => Endpoint;
  /** Issues the birth certificates. */
  readonly manufacturer: Manufacturer;
}

/** A pump and its communication subsystem. */
export interface FleetMember {
  readonly pump: Pump;
  readonly shell: PumpShell;
  /** The network that it is on. */
  readonly radio: Radio;
  /** By which the pump judges certificates, releases and commands, and dates what it says. */
  readonly deviceClock: DeviceClock;
  /** `undefined` where the PKI issued its certificate. */
  readonly certificate: KeptCertificate | undefined;
  /** What it stores, as somebody outside its software gets at it. */
  readonly storage: DeviceStorage;
  /** Its own network services. */
  readonly services: PumpServices | undefined;
  /** Switches the radio on: it enrols, if it has to, and connects. */
  start(): void;
  stop(): void;
}

/** Makes a pump that has its own key and certificate, or gets them; `start()` lets it connect. */
export function addPump(spec: PumpSpec, options: FleetOptions): FleetMember {
  const { clock, random, pki, judge, posture, data, evidence } = options;
  const model = data.models.get(spec.model);
  if (model === undefined) throw new PumprangeError('PR_MODEL_INVALID', `there is no model ${spec.model}`);
  const firmware = personalityOf(data, spec.model, spec.firmware);
  const pump = new Pump({
    serial: spec.serial,
    model,
    careArea: spec.careArea,
    clock,
    random: random.fork(`${spec.serial}/pump`),
    library: spec.library,
    firmware,
    lacks: ESSENTIAL_PERFORMANCE.filter((id) => !posture.controls.has(id)),
    locksOut: isEffective('keypad-lockout', posture.controls, firmware.weaknesses),
  });
  const deviceClock = new DeviceClock(clock);
  const radio = new Radio();
  const localAddress = options.addressOf?.(spec.serial);
  const certificate =
    options.enrolment && enrol(spec.serial, deviceClock, options.enrolment, { ...options, localAddress });
  const issued = certificate ? undefined : pki.credentialFor({ kind: 'pump', id: spec.serial });
  const shell = new PumpShell({
    pump,
    clock: deviceClock,
    random: random.fork(`${spec.serial}/shell`),
    judge,
    controls: posture.controls,
    evidence,
    telemetryEveryMs: options.telemetryEveryMs,
    dial: radio.over(
      tellingWhoWasRefused(
        spec.serial,
        evidence,
        dialer(
          { ...options, clock: deviceClock, localAddress },
          () => certificate?.kept.current() ?? issued,
          (controls) => isEffective('server-identity', controls, pump.firmware.weaknesses),
          downgrades(spec.serial, evidence, posture.controls),
        ),
      ),
    ),
    ceiling: options.ceilings?.get(spec.careArea) ?? null,
    onRecord: (record) => options.onRecord?.(spec.serial, record),
    onSaid: options.onSaid && ((topic, text) => options.onSaid?.(spec.serial, topic, text)),
    credential: () => {
      const site = certificate?.kept.current();
      return site === undefined ? issued : signerOf(site);
    },
    admit: syntheticPatients(random.fork(`${spec.serial}/patients`), spec, options.onAdmission),
    renewFrom: certificate && ((authority) => certificate.kept.renewFrom(authority)),
  });
  certificate?.onChanged(() => shell.renewSession());
  const device = pumpDevice({
    ...{ pump, shell, evidence, controls: posture.controls, clock: deviceClock },
    settling: options.settling,
    random: random.fork(`${spec.serial}/device`),
    credential: () => certificate?.kept.current() ?? issued,
    reaches: () => radio.reaches,
    plan: options.services,
  });
  pump.onFact((fact) => {
    if (fact.fact !== 'event') return;
    if (fact.event === 'power-failed') certificate?.kept.suspend();
    if (fact.event === 'powered-on') certificate?.kept.resume();
  });
  return {
    pump,
    shell,
    radio,
    deviceClock,
    certificate: certificate?.kept,
    ...device,
    start: () => {
      certificate?.kept.resume();
      shell.start();
    },
    stop: () => {
      certificate?.kept.suspend();
      shell.stop();
    },
  };
}

const signers = new WeakMap<ClientCredential, Signer>();

/** The signer that somebody is with such a credential: the same one each time. */
function signerOf(credential: ClientCredential): Signer {
  const before = signers.get(credential);
  if (before !== undefined) return before;
  const { chainPem, privateKeyPem } = credential;
  const signer: Signer = {
    chainDer: pemBlocks(chainPem, 'CERTIFICATE'),
    privateKey: createPrivateKey(privateKeyPem),
  };
  signers.set(credential, signer);
  return signer;
}

function enrol(
  serial: Serial,
  clock: DeviceClock,
  { endpoint, manufacturer }: Enrolment,
  {
    settling,
    random,
    pki,
    posture,
    evidence,
    localAddress,
  }: FleetOptions & { readonly localAddress?: string | undefined },
): { readonly kept: KeptCertificate; readonly onChanged: (listener: () => void) => void } {
  const identity = { kind: 'pump', id: serial } as const;
  // Biomedical engineering gives the pump the fingerprint when it is commissioned.
  const rootFingerprint = pemBlocks(pki.rootPem, 'CERTIFICATE').map(parseCertificate)[0]?.fingerprint;
  const est = new EstClient({
    clock,
    settling,
    identity,
    controls: posture.controls,
    codec: ENROLMENT_CODEC,
    endpoint,
    localAddress,
    ...(rootFingerprint === undefined ? {} : { rootFingerprint }),
  });
  let changed = (): void => undefined;
  const kept = keepCertified({
    clock,
    random: random.fork(`${serial}/enrolment`),
    serial,
    birth: manufacturer.issueBirth(identity),
    enrol: (operation, shown) => est.enrol(operation, shown),
    evidence,
    changed: () => changed(),
  });
  return {
    kept,
    onChanged: (listener) => {
      changed = listener;
    },
  };
}

/** A firmware version of a model. */
export function personalityOf(data: WardData, model: string, version: string): FirmwarePersonality {
  const found = data.personalities.find((one) => one.model === model && one.version === version);
  if (found !== undefined) return found;
  const versions = data.personalities.filter((one) => one.model === model).map((one) => one.version);
  throw new PumprangeError(
    'PR_MODEL_INVALID',
    `there is no firmware ${version} for ${model}; there are ${versions.join(', ')}`,
  );
}
