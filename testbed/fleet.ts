import type { Clock, Random, Settling } from '../clock/index.ts';
import type { Pki } from '../pki/index.ts';
import {
  type CertificateJudge,
  type ControlId,
  type Dial,
  type EvidenceSink,
  type Posture,
  PumprangeError,
  type Serial,
} from '../protocol/index.ts';
import type { DrugLibrary } from '../simulator/drug-library/index.ts';
import { type FirmwarePersonality, isEffective } from '../simulator/firmware/index.ts';
import { Pump } from '../simulator/pump/index.ts';
import { type LogRecord, PumpShell } from '../simulator/shell/index.ts';
import { type ClientCredential, type Endpoint, openMqtt, openSocket } from '../simulator/transport/index.ts';
import type { WardData } from './data.ts';

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
  readonly onRecord?: (serial: Serial, record: LogRecord) => void;
}

/** A pump and its communication subsystem. */
export interface FleetMember {
  readonly pump: Pump;
  readonly shell: PumpShell;
}

/** Makes a pump with its own key and certificate; `shell.start()` lets it connect. */
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
    locksOut: isEffective('keypad-lockout', posture.controls, firmware.weaknesses),
  });
  const credential = pki.credentialFor({ kind: 'pump', id: spec.serial });
  const shell = new PumpShell({
    pump,
    clock,
    random: random.fork(`${spec.serial}/shell`),
    judge,
    controls: posture.controls,
    evidence,
    telemetryEveryMs: options.telemetryEveryMs,
    dial: dialer(options, credential, (controls) =>
      isEffective('server-identity', controls, pump.firmware.weaknesses),
    ),
    onRecord: (record) => options.onRecord?.(spec.serial, record),
  });
  return { pump, shell };
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

/** Opens MQTT sessions with one credential to wherever the broker is. */
export function dialer(
  options: Pick<FleetOptions, 'clock' | 'settling' | 'judge' | 'posture' | 'endpoint'>,
  credential: ClientCredential | undefined,
  checksServer: (controls: ReadonlySet<ControlId>) => boolean = () => true,
): Dial {
  const { clock, settling, judge, posture, endpoint } = options;
  return async (dialOptions, handlers) => {
    const socket = await openSocket({
      clock,
      settling,
      endpoint: endpoint(),
      credential,
      judge: checksServer(posture.controls) ? judge : undefined,
      controls: posture.controls,
    });
    return openMqtt(socket, clock, dialOptions, handlers);
  };
}
