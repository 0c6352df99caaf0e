import { z } from 'zod';

const words = z.string();
const count = z.int().nonnegative();
const ms = z.number().nonnegative();

export const LAYERS = ['l3-l4', 'tls', 'mqtt', 'pump-services'] as const;
export type TableLayer = (typeof LAYERS)[number];

/** What a probe of a layer can come to. `unknown` is the static verdict where the ruleset asks what nobody can tell beforehand. */
const outcome = z.enum([
  ...(['open', 'refused', 'dropped'] as const),
  ...(['accepted', 'unreachable'] as const),
  ...(['allowed', 'denied'] as const),
  ...(['reached', 'not reached', 'unknown'] as const),
]);
export type Outcome = z.infer<typeof outcome>;

const cellSchema = z.strictObject({
  from: words.describe(
    'Who probes: a zone, for somebody who has just come into it; or a device of an asset.',
  ),
  fromZone: words,
  role: words
    .optional()
    .describe('Whose certificate is shown; `none`: none. Absent where none is asked for.'),
  to: words.describe('The asset.'),
  device: words.describe('Which device of it.'),
  address: words,
  ipVersion: z.enum(['ipv4', 'ipv6']),
  layer: z.enum(LAYERS),
  service: words
    .optional()
    .describe('What the plan calls the port; absent: it should be closed to everybody.'),
  probe: words.describe('`tcp/8883`, `handshake`, `subscribe telemetry`, …'),
  method: words.describe('How it was found out.'),
  expected: outcome.describe('By the plan of zones, and above that by the table of roles.'),
  actual: outcome.describe('What was seen.'),
  static: outcome.describe('Worked out from the ruleset that was loaded.'),
  agrees: z.boolean().describe('Whether the static verdict is what was seen.'),
  held: z.boolean().describe('Whether what was expected is what was seen.'),
  through: z.boolean().describe('Whether it got through the network, be it to a port that is closed.'),
  by: words.describe('The conduit or rule that decided; of a mismatch the one that is missing, or too wide.'),
  why: words.optional().describe('Of a mismatch: what is wrong, in words.'),
  detail: words.describe('What the wire said.'),
  ms: ms.describe('What the probe took; 0 where a lower layer had answered already.'),
});
export type Cell = z.infer<typeof cellSchema>;

/** The document of `pumprange network check --json`. */
export const truthTableSchema = z
  .strictObject({
    version: z.literal(1),
    plan: words,
    ruleset: words.describe('`compiled`, or the file that was used instead.'),
    madeAt: z.iso.datetime(),
    cells: z.array(cellSchema),
    mismatches: count.describe('Cells that do not hold.'),
    disagreements: count.describe('Cells in which the static verdict is not what was seen.'),
    probes: count.describe('Probes that were sent; a cell that a lower layer answers costs none.'),
    secondLooks: count.describe(
      'Probes that were sent again, alone, before something was called a mismatch.',
    ),
    wallMs: ms.describe('Of the table, without the lab.'),
    labUpMs: ms.nullable().describe('`null`: the lab was there already.'),
    labDownMs: ms.nullable(),
    msPerThousandProbes: ms,
    msPerThousandConnects: ms.describe('Bare `connect()` calls on loopback, measured in the same run.'),
  })
  .describe('Who reaches what: expected, seen, and worked out from the ruleset.');
export type TruthTable = z.infer<typeof truthTableSchema>;

/** A table as the document that is printed. */
export function truthTable(
  {
    cells,
    probes,
    secondLooks,
    wallMs,
  }: Pick<TruthTable, 'probes' | 'secondLooks' | 'wallMs'> & { readonly cells: readonly Cell[] },
  about: Pick<TruthTable, 'plan' | 'ruleset' | 'msPerThousandConnects'> & { readonly madeAtMs: number },
): TruthTable {
  const { plan, ruleset, madeAtMs, msPerThousandConnects } = about;
  const sent = probes + secondLooks;
  return {
    ...{ version: 1, plan, ruleset, madeAt: new Date(madeAtMs).toISOString(), cells: [...cells] },
    mismatches: cells.filter(({ held }) => !held).length,
    disagreements: cells.filter(({ agrees }) => !agrees).length,
    ...{ probes, secondLooks, wallMs: Math.round(wallMs), labUpMs: null, labDownMs: null },
    msPerThousandProbes: sent === 0 ? 0 : Math.round((wallMs * 1_000) / sent),
    msPerThousandConnects: Math.round(msPerThousandConnects),
  };
}

/** The JSON Schema that is published as `network/schemas/truth-table.schema.json`. */
export function truthTableJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(truthTableSchema);
  return { $schema, title: 'Pumprange truth table', ...rest };
}
