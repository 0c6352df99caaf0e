import { z } from 'zod';
import { postureSchema } from '../../protocol/index.ts';
import { matrixReportSchema } from '../report/matrix-report.ts';
import { priceListSchema } from '../report/prices.ts';
import { rehearsalReportSchema } from '../report/rehearsal-report.ts';
import { runReportSchema } from '../report/run-report.ts';
import type { JsonSchema } from './diagnostics/json-schema-walk.ts';
import { playbookSchema } from './playbook.ts';
import { scenarioSchema } from './scenario.ts';

export type PublishedSchemaName =
  | 'scenario'
  | 'posture'
  | 'playbook'
  | 'run-report'
  | 'matrix-report'
  | 'rehearsal-report'
  | 'price-list';

let generated: Readonly<Record<PublishedSchemaName, JsonSchema>> | undefined;

/**
 * The JSON Schemas (draft 2020-12) that this folder publishes, by the name of their file:
 * `scenarios/schemas/<name>.schema.json`. Made once from the Zod schemas that validate.
 */
export function publishedSchemas(): Readonly<Record<PublishedSchemaName, JsonSchema>> {
  generated ??= {
    scenario: generate('Pumprange scenario', scenarioSchema),
    playbook: generate('Pumprange playbook', playbookSchema),
    posture: generate('Pumprange posture', postureSchema),
    'run-report': generate('Pumprange run report', runReportSchema),
    'matrix-report': generate('Pumprange matrix report', matrixReportSchema),
    'price-list': generate('Pumprange price list', priceListSchema),
    'rehearsal-report': generate('Pumprange rehearsal report', rehearsalReportSchema),
  };
  return generated;
}

function generate(title: string, schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return { $schema, title, ...rest } as JsonSchema;
}
