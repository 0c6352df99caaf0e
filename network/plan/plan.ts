import { z } from 'zod';
import { KINDS } from '../../protocol/index.ts';

const id = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'lower-case words joined by dashes');
const words = z.string().min(1).max(300);

const serviceSchema = z.strictObject({
  name: id.describe('What conduits call it.'),
  protocol: z.enum(['tcp', 'udp']).default('tcp'),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .describe('Port on a real network. The emulation goes by the name: its ports are whatever is free.'),
});
export type PlannedService = z.infer<typeof serviceSchema>;

const zoneSchema = z.strictObject({
  id,
  title: words,
  ipv4: z
    .string()
    .optional()
    .describe('Block a.b.c.d/n of private addresses in the lab, such as 10.18.20.0/24; at least a /28.'),
  ipv6: z
    .string()
    .optional()
    .describe('Block of unique local addresses in the lab, such as fd18:8:20::/64; absent: IPv4 alone.'),
  addresses: z
    .string()
    .optional()
    .describe(
      'Loopback block a.b.c.d/n that the emulation gives to the zone; no two zones share an address. Absent: the next free one from 127.100.0.0/16.',
    ),
  inside: z
    .enum(['open', 'isolated'])
    .default('open')
    .describe('open: neighbours reach each other, as on one VLAN; isolated: only conduits lead anywhere.'),
  admits: z
    .union([z.literal('anybody'), z.array(z.enum(KINDS)).min(1)])
    .describe('Whose certificates are admitted to it; anybody: it asks for none.'),
});
export type Zone = z.infer<typeof zoneSchema>;

const assetSchema = z.strictObject({
  id,
  title: words,
  zone: id,
  host: z
    .int()
    .min(1)
    .optional()
    .describe('Where in its zone it stands, counted from the first address; absent: assigned when it comes.'),
  hosts: z
    .tuple([z.int().min(1), z.int().min(1)])
    .optional()
    .describe('First and last place of an asset that is many, such as pumps; instead of `host`.'),
  services: z.array(serviceSchema).default([]),
});
export type Asset = z.infer<typeof assetSchema>;

const PORTS = /^(?:tcp|udp)\/\d{1,5}(?:-\d{1,5})?$/;

const conduitSchema = z.strictObject({
  id: id.optional().describe('What the ruleset, its log and the table call it; absent: `<from>-to-<to>`.'),
  from: id.describe('A zone, an asset with a `host` or `hosts`, or `any`.'),
  to: id.describe('An asset, a zone, or `any`.'),
  services: z
    .union([
      z.literal('any'),
      z.array(z.union([id, z.string().regex(PORTS, 'tcp/443 or udp/8000-8010')])).min(1),
    ])
    .describe('Names of services, or protocols with ports, such as tcp/443 or udp/8000-8010.'),
  over: z.enum(['ipv4', 'ipv6']).optional().describe('Absent: both versions of IP.'),
  why: words.describe('What care or business needs it for. Who finds no reason closes it.'),
  until: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('When it closes by itself, such as at the end of a migration; absent: it stays.'),
});
export type Conduit = z.infer<typeof conduitSchema>;

/** Zones, what stands in them, and what may pass between them, as a file of `network/zones` has it. */
export const zonePlanSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where an editor finds this schema.'),
    id,
    title: words,
    description: words,
    zones: z.array(zoneSchema).min(1),
    assets: z.array(assetSchema),
    conduits: z
      .array(conduitSchema)
      .describe('All that may pass between zones: what is not named is denied.'),
  })
  .describe('The zones of a hospital network and the conduits between them.');
export type ZonePlan = z.infer<typeof zonePlanSchema>;

/** The JSON Schema that is published as `network/schemas/zones.schema.json`. */
export function zonePlanJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(zonePlanSchema, { io: 'input' });
  return { $schema, title: 'Pumprange zones', ...rest };
}
