import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sync as writeFileAtomic } from 'write-file-atomic';
import {
  loadZonePlan,
  networkDiffJsonSchema,
  truthTableJsonSchema,
  zonePlanJsonSchema,
} from '../network/index.ts';
import { inspectionJsonSchema } from '../pki/index.ts';
import {
  advisoriesJsonSchema,
  exposureReportJsonSchema,
  publishedLibrarySchemas,
} from '../pump-server/index.ts';
import { loadResiduals, publishedSchemas } from '../scenarios/index.ts';
import { detectionRuleJsonSchema } from '../supervision/index.ts';
import {
  adoptionReportJsonSchema,
  ceilingJsonSchema,
  configurationJsonSchema,
  detectionScoreJsonSchema,
  labReportJsonSchema,
  libraryApprovalJsonSchema,
  loadExercise,
  readBaseline,
  rolloutPlanJsonSchema,
  rolloutStatusJsonSchema,
} from '../testbed/index.ts';
import { asyncApiDocument } from './generators/asyncapi.ts';
import { attacksPage } from './generators/attacks-page.ts';
import { composeFile } from './generators/compose-file.ts';
import { controlsPage } from './generators/controls-page.ts';
import { errorsPage } from './generators/errors-page.ts';
import { gipPage } from './generators/gip-page.ts';
import { segmentationPage } from './generators/segmentation-page.ts';
import { HOUSE, isProgram } from './house.ts';

/** Every generated file: path from the root of the house → content. */
export function generatedFiles(version: string): ReadonlyMap<string, string> {
  const recorded = readBaseline(join(HOUSE, 'scenarios', 'matrix-baseline.json'));
  const residuals = loadResiduals(join(HOUSE, 'scenarios', 'residual.yaml'));
  const segmentation = join(HOUSE, 'docs', 'segmentation.md');
  const zones = loadZonePlan(join(HOUSE, 'network', 'zones', 'sp1800-8.yaml'));
  return new Map([
    ['docs/errors.md', errorsPage()],
    ['docs/controls.md', controlsPage(recorded)],
    ['docs/attacks.md', attacksPage(loadExercise().scenarios, recorded, residuals)],
    ['docs/gip.md', gipPage()],
    ['docs/segmentation.md', segmentationPage(readFileSync(segmentation, 'utf8'), zones)],
    ['docker-compose.yml', composeFile()],
    ['docs/protocol.asyncapi.json', json(asyncApiDocument(version))],
    ...Object.entries(publishedSchemas()).map(([name, schema]): [string, string] => [
      `scenarios/schemas/${name}.schema.json`,
      json(schema),
    ]),
    ['pki/schemas/inspection.schema.json', json(inspectionJsonSchema())],
    ...Object.entries(publishedLibrarySchemas()).map(([name, schema]): [string, string] => [
      `pump-server/schemas/${name}.schema.json`,
      json(schema),
    ]),
    ['pump-server/schemas/library-adoption.schema.json', json(adoptionReportJsonSchema())],
    ['pump-server/schemas/rollout-plan.schema.json', json(rolloutPlanJsonSchema())],
    ['pump-server/schemas/rollout-status.schema.json', json(rolloutStatusJsonSchema())],
    ['pump-server/schemas/library-approval.schema.json', json(libraryApprovalJsonSchema())],
    ['pump-server/schemas/advisories.schema.json', json(advisoriesJsonSchema())],
    ['pump-server/schemas/exposure-report.schema.json', json(exposureReportJsonSchema())],
    ['pump-server/schemas/device-configuration.schema.json', json(configurationJsonSchema())],
    ['pump-server/schemas/library-ceiling.schema.json', json(ceilingJsonSchema())],
    ['network/schemas/zones.schema.json', json(zonePlanJsonSchema())],
    ['network/schemas/network-diff.schema.json', json(networkDiffJsonSchema())],
    ['network/schemas/truth-table.schema.json', json(truthTableJsonSchema())],
    ['network/schemas/lab.schema.json', json(labReportJsonSchema())],
    ['supervision/schemas/detection-score.schema.json', json(detectionScoreJsonSchema())],
    ['supervision/schemas/detection-rule.schema.json', json(detectionRuleJsonSchema())],
  ]);
}

/** Paths whose file is missing or says something else. */
export function staleFiles(root: string, files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, content]) => {
    const file = join(root, path);
    return existsSync(file) && readFileSync(file, 'utf8') === content ? [] : [path];
  });
}

/** Writes what is stale, and returns its paths. */
export function writeStale(root: string, files: ReadonlyMap<string, string>): string[] {
  const stale = staleFiles(root, files);
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileAtomic(join(root, path), files.get(path) ?? '');
  }
  return stale;
}

/** The version that `package.json` has. */
export function houseVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(HOUSE, 'package.json'), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
    return String(manifest.version);
  throw new Error('package.json has no version');
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

if (isProgram(import.meta.url)) {
  const files = generatedFiles(houseVersion());
  const isCheck = process.argv.includes('--check');
  const stale = isCheck ? staleFiles(HOUSE, files) : writeStale(HOUSE, files);
  if (isCheck) {
    for (const path of stale) console.log(`${path} is not current: run npm run generate`);
    if (stale.length === 0) console.log(`${files.size} generated files are current`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const path of stale) console.log(`wrote ${path}`);
    if (stale.length === 0) console.log(`${files.size} generated files were current`);
  }
}
