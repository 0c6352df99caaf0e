import { z } from 'zod';
import { LAYERS } from '../table/document.ts';

const words = z.string();
const ids = z.array(words);
const versions = z.array(z.enum(['ipv4', 'ipv6']));

const sideSchema = z.strictObject({
  plan: words,
  ruleset: words.describe('`compiled`, or the file that was used instead.'),
  mismatches: z.int().nonnegative().describe('Cells of its own table that do not hold.'),
  probes: z.int().nonnegative(),
});

const changeSchema = z.strictObject({
  from: words.describe('Who probes: a zone, for a visitor of it, or an asset.'),
  to: words,
  layer: z.enum(LAYERS),
  roles: ids.describe('Whose certificates were shown; empty at the lowest layer.'),
  probe: words,
  service: words.optional(),
  ipVersions: versions,
  was: z.array(words),
  is: z.array(words),
  by: words.describe('The conduit or rule that decides now.'),
});

const sessionSchema = z.strictObject({
  from: words,
  to: words,
  service: words,
  ipVersion: z.enum(['ipv4', 'ipv6']),
  outcome: z
    .enum(['goes on', 'cut off in silence', 'ended'])
    .describe('goes on: an answer still came, though a new session is not let through any more.'),
});

/** The document of `pumprange network diff --json`. */
export const networkDiffSchema = z
  .strictObject({
    version: z.literal(1),
    madeAt: z.iso.datetime(),
    old: sideSchema,
    new: sideSchema,
    gained: z.array(changeSchema).describe('What gets through now and did not before.'),
    lost: z.array(changeSchema).describe('What does not get through any more.'),
    newlyReachable: z
      .array(z.strictObject({ asset: words, for: ids }))
      .describe('Assets of which somebody reaches a port that they did not before.'),
    attacks: z
      .strictObject({ possible: ids, impossible: ids, tried: z.int().nonnegative() })
      .describe(
        'Attacks of the catalogue that segmentation alone stopped before and does not now, and the other way round.',
      ),
    care: z
      .strictObject({ broken: ids, mended: ids, tried: z.int().nonnegative() })
      .describe('Care scenarios, with all controls on.'),
    sessions: z
      .array(sessionSchema)
      .nullable()
      .describe(
        'Sessions that were open when the new ruleset came; `null`: the zones are others, so nothing stays open.',
      ),
    idle: z
      .strictObject({
        idleTimeoutS: z.number().positive().describe('After which the new firewall forgets an idle session.'),
        keepAliveS: z.number().positive().describe('The longest that a pump may say nothing.'),
        scaledBy: z.number().positive().describe('Both were divided by it for the trial.'),
        outcome: z.enum(['goes on', 'cut off in silence', 'ended']),
      })
      .nullable()
      .describe('`null`: it was not asked for.'),
    wallMs: z.number().nonnegative(),
  })
  .describe('What a change of the network opens, closes and breaks.');
export type NetworkDiff = z.infer<typeof networkDiffSchema>;
export type SessionLine = z.infer<typeof sessionSchema>;

/** The JSON Schema that is published as `network/schemas/network-diff.schema.json`. */
export function networkDiffJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(networkDiffSchema);
  return { $schema, title: 'Pumprange network diff', ...rest };
}
