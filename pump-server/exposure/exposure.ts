import { type Component, compareVersions, type WeaknessId } from '../../protocol/firmware/index.ts';
import { type Advisory, SEVERITIES, type Severity } from './advisory.ts';

/** One firmware version as it is in a pump: what it does, and what is in it and beside it. */
export interface Build {
  readonly model: string;
  readonly version: string;
  readonly weaknesses: readonly WeaknessId[];
  /** Of the bill of materials, and what stays in the pump whatever firmware it runs. */
  readonly components: readonly Component[];
}

export interface InventoriedPump {
  readonly serial: string;
  readonly model: string;
  readonly careArea: string | null;
  readonly firmware: string;
}

/** Why a pump is exposed to an advisory. */
export interface Exposure {
  readonly advisory: string;
  readonly severity: Severity;
  readonly because: string;
}

export interface PumpExposure extends InventoriedPump {
  /** `null`: nobody knows what is in that version. */
  readonly exposedTo: readonly Exposure[] | null;
}

/** What a build is exposed to, the worst first. */
export function exposuresOf(build: Build, advisories: readonly Advisory[]): readonly Exposure[] {
  return advisories
    .flatMap((advisory): Exposure[] => {
      const because = whyExposed(build, advisory);
      return because === undefined ? [] : [{ advisory: advisory.id, severity: advisory.severity, because }];
    })
    .sort((a, b) => bySeverity(a, b) || (a.advisory < b.advisory ? -1 : 1));
}

/** What each pump is exposed to. */
export function exposureOfPumps(
  pumps: readonly InventoriedPump[],
  builds: readonly Build[],
  advisories: readonly Advisory[],
): readonly PumpExposure[] {
  const known = new Map(builds.map((build) => [keyOf(build), exposuresOf(build, advisories)]));
  return pumps.map((pump) => ({
    ...pump,
    exposedTo: known.get(keyOf({ model: pump.model, version: pump.firmware })) ?? null,
  }));
}

export function bySeverity(a: { readonly severity: Severity }, b: { readonly severity: Severity }): number {
  return SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity);
}

function keyOf({ model, version }: { readonly model: string; readonly version: string }): string {
  return `${model} ${version}`;
}

function whyExposed(build: Build, { affected }: Advisory): string | undefined {
  const { weakness, component, models } = affected;
  if (models !== undefined && !models.includes(build.model)) return undefined;
  if (weakness !== undefined && build.weaknesses.includes(weakness)) return `weakness ${weakness}`;
  if (component === undefined) return undefined;
  const { name, below } = component;
  const found = build.components.find(
    (one) => one.name === name && (below === undefined || compareVersions(one.version, below) < 0),
  );
  return found === undefined ? undefined : `component ${found.name} ${found.version}`;
}
