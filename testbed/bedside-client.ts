import { z } from 'zod';
import { type ControlId, isControlId } from '../protocol/index.ts';
import type { BedsideAction, BedsideRole, PhysicalEvent, PhysicalResult } from '../simulator/pump/index.ts';
import { type BedsideState, bedsideStateSchema } from './bedside-state.ts';
import { connectControl } from './control-client.ts';

const displaySchema = z.object({ state: bedsideStateSchema });
const controlId = z.custom<ControlId>((value) => typeof value === 'string' && isControlId(value));
const resultSchema = z.discriminatedUnion('accepted', [
  z.object({ accepted: z.literal(true) }),
  z.object({ accepted: z.literal(false), reason: z.string(), control: controlId.nullable() }),
]);
const handSchema = z.discriminatedUnion('taken', [
  z.object({ taken: z.literal(true) }),
  z.object({ taken: z.literal(false), reason: z.string() }),
]);
const codeSchema = z.object({ code: z.string().nullable() });
const drugsSchema = z.array(z.object({ drug: z.string(), concentration: z.string(), doseUnit: z.string() }));
const factSchema = z.object({
  fact: z.discriminatedUnion('fact', [
    z.object({
      fact: z.literal('alarm'),
      atMs: z.number(),
      channel: z.string().nullable(),
      alarm: z.string(),
      priority: z.enum(['low', 'medium', 'high']),
      change: z.enum(['raised', 'silenced', 'escalated', 'cleared']),
    }),
    z.object({
      fact: z.literal('event'),
      atMs: z.number(),
      channel: z.string().nullable(),
      event: z.string(),
    }),
  ]),
});

/** What the pump told while somebody sat at it. */
export type BedsideFact = z.infer<typeof factSchema>['fact'];
export type PressResult = z.infer<typeof resultSchema>;
export type LibraryDrug = z.infer<typeof drugsSchema>[number];

/** Somebody at one pump of a running ward, in another process. */
export interface Bedside {
  display(): Promise<BedsideState>;
  drugs(): Promise<readonly LibraryDrug[]>;
  press(role: BedsideRole, action: BedsideAction): Promise<PressResult>;
  physical(event: PhysicalEvent): Promise<PhysicalResult>;
  /** What somebody of this role reads on the label of the pump: the code that unlocks it; `null` for a patient. */
  code(role: BedsideRole): Promise<string | null>;
  /** Resolves when the ward is gone. */
  readonly ended: Promise<void>;
  /** Leaves the pump to the nurse of the ward. */
  leave(): Promise<void>;
}

/**
 * Sits down at a pump of the ward that runs on a folder.
 *
 * @throws PumprangeError `PR_WARD_NOT_RUNNING`, `PR_PUMP_UNKNOWN`, `PR_BEDSIDE_TAKEN`, `PR_DIR_TOO_LONG`, `PR_FILE_UNREADABLE`
 */
export async function openBedside(
  dir: string,
  serial: string,
  onFact: (fact: BedsideFact) => void = () => undefined,
): Promise<Bedside> {
  const client = await connectControl(dir, (method, params) => {
    if (method !== 'fact') return;
    const told = factSchema.safeParse(params);
    if (told.success) onFact(told.data.fact);
  });
  try {
    await client.call('bedside.open', { serial });
  } catch (error) {
    client.close();
    throw error;
  }
  return {
    display: async () => displaySchema.parse(await client.call('bedside.display', { serial })).state,
    drugs: async () => drugsSchema.parse(await client.call('bedside.drugs', { serial })),
    press: async (role, action) =>
      resultSchema.parse(await client.call('bedside.press', { serial, role, action })),
    physical: async (event) => handSchema.parse(await client.call('bedside.physical', { serial, event })),
    code: async (role) => codeSchema.parse(await client.call('bedside.code', { serial, role })).code,
    ended: client.ended,
    leave: async () => {
      // Whoever is gone has left, too.
      await client.call('bedside.close', { serial }).catch(() => undefined);
      client.close();
    },
  };
}
