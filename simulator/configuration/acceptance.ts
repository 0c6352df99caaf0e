import { isEffective, type WeaknessId } from '../../protocol/firmware/index.ts';
import { type ControlId, type DeviceConfiguration, type Identity, urnOf } from '../../protocol/index.ts';
import type { PumpModel } from '../models/index.ts';
import { type PumpSetting, whyNotSet } from '../pump/index.ts';

/** What a pump knows when it judges a device configuration. */
export interface OfferedConfiguration {
  readonly configuration: DeviceConfiguration;
  /** Who signed it, each signature already verified. */
  readonly signers: readonly { readonly identity: Identity }[];
  readonly careArea: string;
  readonly model: PumpModel;
  /** Of the configuration that the pump goes by; `null` without one. */
  readonly sequence: number | null;
  /** Nothing is programmed. */
  readonly isIdle: boolean;
  readonly controls: ReadonlySet<ControlId>;
  /** Of the running firmware. */
  readonly weaknesses: readonly WeaknessId[];
  readonly nowMs: number;
}

export interface ConfigurationRefusal {
  readonly accepted: false;
  /** `null` where the configuration is simply not for this pump. `therapy-lock`: it may be taken later as it is. */
  readonly control: 'signed-configuration' | 'therapy-lock' | null;
  readonly reason: string;
}

/** So many different people sign a configuration. */
const APPROVALS_NEEDED = 2;
const APPROVERS: readonly Identity['kind'][] = ['biomed', 'security'];

/**
 * Judges a device configuration. The one place of `signed-configuration` and `therapy-lock`; care area, model and the ranges of the
 * model are checked in every posture.
 */
export function acceptConfiguration(
  offer: OfferedConfiguration,
): { readonly accepted: true } | ConfigurationRefusal {
  const { configuration, controls, weaknesses } = offer;
  const on = (control: ControlId): boolean => isEffective(control, controls, weaknesses);
  const misfit = misfitOf(offer);
  if (misfit !== undefined) return refuse(null, misfit);
  if (on('signed-configuration')) {
    const unsigned = signatureFault(offer);
    if (unsigned !== undefined) return refuse('signed-configuration', unsigned);
  }
  if (on('therapy-lock') && !offer.isIdle) {
    return refuse(
      'therapy-lock',
      `configuration ${configuration.configurationVersion} waits: a therapy is under way`,
    );
  }
  return { accepted: true };
}

function misfitOf({ configuration, careArea, model }: OfferedConfiguration): string | undefined {
  if (configuration.careArea !== careArea) {
    return `for the care area ${configuration.careArea}, this pump is in ${careArea}`;
  }
  if (!configuration.models.includes(model.id)) return `not for the model ${model.id}`;
  for (const setting of settingsIn(configuration)) {
    const why = whyNotSet(model, setting);
    if (why !== null) return why;
  }
  return undefined;
}

function settingsIn({ settings: { alarms } }: DeviceConfiguration): readonly PumpSetting[] {
  const { occlusionLimitMmHg, airLimitMicroL, keepVeinOpenMlPerH, autoRestarts } = alarms;
  const settings: PumpSetting[] = [];
  if (occlusionLimitMmHg !== undefined) {
    settings.push({ name: 'occlusionLimitMmHg', value: occlusionLimitMmHg });
  }
  if (airLimitMicroL !== undefined) settings.push({ name: 'airLimitMicroL', value: airLimitMicroL });
  if (keepVeinOpenMlPerH !== undefined) {
    settings.push({ name: 'keepVeinOpenMlPerH', value: keepVeinOpenMlPerH });
  }
  if (autoRestarts !== undefined) settings.push({ name: 'autoRestarts', value: autoRestarts });
  return settings;
}

function signatureFault({
  configuration,
  signers,
  sequence,
  nowMs,
}: OfferedConfiguration): string | undefined {
  // Two signatures of one person are one approval.
  const approvers = new Set(
    signers.flatMap(({ identity }) => (APPROVERS.includes(identity.kind) ? urnOf(identity) : [])),
  ).size;
  if (approvers < APPROVALS_NEEDED) {
    return `${approvers} of ${APPROVALS_NEEDED} different people of biomedical engineering or security signed`;
  }
  if (Date.parse(configuration.notAfter) <= nowMs) return `the release expired at ${configuration.notAfter}`;
  if (sequence !== null && configuration.sequence <= sequence) {
    return `sequence ${configuration.sequence} is not after ${sequence}`;
  }
  return undefined;
}

function refuse(control: ConfigurationRefusal['control'], reason: string): ConfigurationRefusal {
  return { accepted: false, control, reason };
}
