import { z } from 'zod';
import { impairmentText, type Lab } from '../network/lab/index.ts';

const addresses = { ipv4: z.string(), ipv6: z.string().exactOptional() };
const counter = z.int().nonnegative();

/** A program of the floor that runs in a lab. */
const componentSchema = z.strictObject({
  name: z.string(),
  zone: z.string(),
  state: z.enum(['starting', 'running', 'ended']),
});
export type LabComponent = z.infer<typeof componentSchema>;

/** What `pumprange network lab up` and `status` print with `--json`. */
export const reportSchema = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  plan: z.string().describe('The zones: a shipped plan, or a file.'),
  upSince: z.iso.datetime(),
  keeper: counter.describe('Process that has the lab.'),
  zones: z.array(
    z.strictObject({
      id: z.string(),
      interface: z.string().describe('Of the router, on the side of this zone.'),
      router: z.strictObject(addresses),
      visitor: z.strictObject(addresses),
      namespaces: z.strictObject({ assets: z.string(), visitor: z.string() }),
    }),
  ),
  assets: z.array(z.strictObject({ asset: z.string(), index: counter, zone: z.string(), ...addresses })),
  components: z.array(componentSchema),
  processes: z.array(z.strictObject({ pid: counter, namespace: z.string(), command: z.string() })),
  rules: z.array(
    z.strictObject({
      table: z.string(),
      chain: z.string().exactOptional(),
      name: z.string().describe("The counter's name, else the rule's comment, else its handle."),
      packets: counter,
      bytes: counter,
    }),
  ),
  impairments: z.array(z.string()),
});
export type LabReport = z.infer<typeof reportSchema>;

export function labReportJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(reportSchema);
  return { $schema, title: 'Pumprange network lab', ...rest };
}

/** Looks at a lab. @throws PumprangeError, ToolError where it goes away meanwhile */
export async function reportOf(lab: Lab, components: readonly LabComponent[]): Promise<LabReport> {
  const { name, layout, state } = lab;
  return {
    version: 1,
    name,
    plan: state.plan,
    upSince: new Date(state.startedAtMs).toISOString(),
    keeper: state.owner.pid,
    zones: layout.zones.map(({ id, interface: device, router, visitor }) => ({
      ...{ id, interface: device, router, visitor },
      namespaces: {
        assets: lab.namespace({ zone: id, side: 'assets' }),
        visitor: lab.namespace({ zone: id, side: 'visitor' }),
      },
    })),
    assets: [...layout.places],
    components: [...components],
    processes: [...lab.processes()],
    rules: [...(await lab.counts())],
    impairments: lab.impairments().map(impairmentText),
  };
}
