import { z } from 'zod';
import { timeSchema } from '../../protocol/index.ts';
import { currentOf, type StoredRelease } from '../releases/release-store.ts';
import type { AdoptionRegister } from './adoption-register.ts';
import type { PumpFacts } from './adoption-store.ts';

const held = z.strictObject({ version: z.string(), since: timeSchema.nullable() }).nullable();

const pumpSchema = z.strictObject({
  serial: z.string(),
  model: z.string(),
  careArea: z.string(),
  link: z.enum(['online', 'offline']),
  /** When link, firmware or library last changed, as far as the server knows. */
  statusAt: timeSchema,
  /** The library that it goes by, and since when on its own clock; `null`: none, only the ranges of its model. */
  inUse: held,
  /** What it has verified and will go by from the next power-on with a new patient. */
  pending: held,
  /** The version that is released for its care area now. */
  released: z.string().nullable(),
  adoption: z.enum(['in-use', 'pending', 'missing', 'nothing-released']),
  /** Why it does not go by what is released, where something is known. */
  reason: z.string().nullable(),
});

/** `library adoption --json`. */
export const adoptionReportSchema = z.strictObject({
  version: z.literal(1),
  banner: z.literal('TRAINING, NOT FOR HUMAN USE'),
  asOf: timeSchema,
  /** Whom it comes from: the running server, or what a server has left. */
  source: z.enum(['server', 'store']),
  releases: z.array(
    z.strictObject({
      careArea: z.string(),
      library: z.string(),
      libraryVersion: z.string(),
      sequence: z.int(),
      releasedAt: timeSchema,
      releasedBy: z.string().nullable(),
      notAfter: timeSchema,
    }),
  ),
  pumps: z.array(pumpSchema),
  /** Serial numbers of the pumps that do not go by what is released, those that have not even fetched it first. */
  stragglers: z.array(z.string()),
});

export type AdoptionReport = z.infer<typeof adoptionReportSchema>;
export type PumpAdoption = z.infer<typeof pumpSchema>;

export function adoptionReportJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(adoptionReportSchema, { io: 'input' });
  return { $schema, title: 'Pumprange library adoption', ...rest };
}

/** Which pump has which library, against what is released now. */
export function adoptionReport(
  register: AdoptionRegister,
  releases: readonly StoredRelease[],
  { source, nowMs }: { readonly source: AdoptionReport['source']; readonly nowMs: number },
): AdoptionReport {
  const current = currentOf(releases).flatMap((release) => (release.kind === 'library' ? release : []));
  const released = new Map(current.map(({ manifest }) => [manifest.careArea, manifest.libraryVersion]));
  const pumps = register.pumps().map((pump) => rowOf(pump, register, released.get(pump.careArea)));
  return {
    version: 1,
    banner: 'TRAINING, NOT FOR HUMAN USE',
    asOf: iso(nowMs),
    source,
    releases: current.map(({ manifest, releasedAtMs, releasedBy }) => ({
      careArea: manifest.careArea,
      library: manifest.library,
      libraryVersion: manifest.libraryVersion,
      sequence: manifest.sequence,
      releasedAt: iso(releasedAtMs),
      releasedBy,
      notAfter: manifest.notAfter,
    })),
    pumps,
    stragglers: stragglersAmong(pumps),
  };
}

/** The pumps that do not go by what is released, those that have not even fetched it first. */
export function stragglersAmong(pumps: readonly PumpAdoption[]): string[] {
  const behind = (adoption: PumpAdoption['adoption']): string[] =>
    pumps.filter((pump) => pump.adoption === adoption).map(({ serial }) => serial);
  return [...behind('missing'), ...behind('pending')];
}

function rowOf(pump: PumpFacts, register: AdoptionRegister, released: string | undefined): PumpAdoption {
  const { serial, model, careArea, link, libraryInUse, libraryPending, statusAtMs } = pump;
  const adoption = adoptionOf(pump, released);
  return {
    ...{ serial, model, careArea, link },
    statusAt: iso(statusAtMs),
    inUse: heldSince(register, pump, 'in-use', libraryInUse),
    pending: heldSince(register, pump, 'pending', libraryPending),
    released: released ?? null,
    adoption,
    reason: reasonOf(register, pump, adoption, released),
  };
}

function adoptionOf(pump: PumpFacts, released: string | undefined): PumpAdoption['adoption'] {
  if (released === undefined) return 'nothing-released';
  if (pump.libraryInUse === released) return 'in-use';
  return pump.libraryPending === released ? 'pending' : 'missing';
}

function heldSince(
  register: AdoptionRegister,
  { serial }: PumpFacts,
  state: 'in-use' | 'pending',
  version: string | null,
): z.infer<typeof held> {
  if (version === null) return null;
  const change = register.since(serial, state, version);
  return { version, since: change === undefined ? null : iso(change.sinceMs) };
}

function reasonOf(
  register: AdoptionRegister,
  { serial, link }: PumpFacts,
  adoption: PumpAdoption['adoption'],
  released: string | undefined,
): string | null {
  if (adoption === 'pending') return 'waits for a power-on with a new patient';
  if (adoption !== 'missing' || released === undefined) return null;
  const refused = register.since(serial, 'refused', released);
  if (refused !== undefined) return `refused it: ${refused.reason ?? 'without a reason'}`;
  return link === 'offline' ? 'is offline' : 'has not fetched it yet';
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
