import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadZonePlan, type ZonePlans } from '../network/index.ts';
import type { DrugLibrary } from '../protocol/drug-library/index.ts';
import type { FirmwarePersonality } from '../protocol/firmware/index.ts';
import type { CeilingFile, Posture } from '../protocol/index.ts';
import { readLibraryFile } from '../pump-server/index.ts';
import {
  loadCatalog,
  loadPlaybooks,
  loadPostures,
  type Playbook,
  type Scenario,
} from '../scenarios/index.ts';
import { loadPersonalities } from '../simulator/firmware/index.ts';
import { loadModels, type PumpModel } from '../simulator/models/index.ts';
import { type DetectionRule, loadRules } from '../supervision/index.ts';
import { readCeiling } from './ceilings.ts';
import { HOUSE } from './environment.ts';

/** A drug library: the bytes that are released, and what they say. */
export interface LibraryFile {
  readonly bytes: Buffer;
  readonly library: DrugLibrary;
}

/** What pumps are made of. */
export interface WardData {
  readonly models: ReadonlyMap<string, PumpModel>;
  readonly personalities: readonly FirmwarePersonality[];
  readonly libraries: readonly LibraryFile[];
  /** What stands above the libraries. */
  readonly ceilings: readonly CeilingFile[];
  /** The zones of the house, and the one network without them. */
  readonly zones: ZonePlans;
}

/** @throws PumprangeError for a file that is not there or not right */
export function loadWardData(): WardData {
  const library = join(HOUSE, 'simulator', 'drug-library');
  return {
    models: loadModels(join(HOUSE, 'simulator', 'models')),
    personalities: loadPersonalities(join(HOUSE, 'simulator', 'firmware', 'personalities')),
    libraries: jsonFilesIn(join(library, 'samples')).map(readLibrary),
    ceilings: jsonFilesIn(join(library, 'ceilings')).map(readCeiling),
    zones: loadShippedZones(),
  };
}

/** @throws PumprangeError `PR_ZONES_INVALID` with file and line */
function loadShippedZones(): ZonePlans {
  const zones = join(HOUSE, 'network', 'zones');
  return {
    segmented: loadZonePlan(join(zones, 'sp1800-8.yaml')),
    flat: loadZonePlan(join(zones, 'flat.yaml')),
  };
}

function jsonFilesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name));
}

function readLibrary(path: string): LibraryFile {
  const { contentBytes, library } = readLibraryFile(path);
  return { bytes: contentBytes, library };
}

/** @throws PumprangeError `PR_POSTURE_INVALID` with file and line */
export function loadShippedPostures(): readonly Posture[] {
  return loadPostures([join(HOUSE, 'scenarios', 'postures')]);
}

export function loadShippedRules(): readonly DetectionRule[] {
  return loadRules(join(HOUSE, 'supervision', 'detection', 'rules'));
}

/** @throws PumprangeError `PR_PLAYBOOK_INVALID` with file and line */
export function loadShippedPlaybooks(rules: readonly DetectionRule[]): readonly Playbook[] {
  return loadPlaybooks([join(HOUSE, 'scenarios', 'playbooks')], {
    detectionRules: rules.map(({ id }) => id),
  });
}

/** @throws PumprangeError `PR_SCENARIO_INVALID` with file and line */
export function loadShippedScenarios(
  postures: readonly Posture[],
  rules: readonly DetectionRule[],
  playbooks: readonly Playbook[],
  zones: ZonePlans,
): readonly Scenario[] {
  return loadCatalog([join(HOUSE, 'scenarios', 'catalog')], {
    postures: postures.map(({ id }) => id),
    detectionRules: rules.map(({ id }) => id),
    playbooks: playbooks.map(({ id }) => id),
    zones: [...zones.segmented.zones.keys()],
  });
}
