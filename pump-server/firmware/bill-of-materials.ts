import { z } from 'zod';
import {
  type Component,
  type FirmwarePersonality,
  type ReadJson,
  readJsonEntry,
} from '../../protocol/firmware/index.ts';

/**
 * The bill of materials of a firmware version: CycloneDX 1.6, JSON. Its content follows from the personality, without a date and a serial
 * number, so that a package can be built again bit for bit.
 */
export async function billOfMaterials(personality: FirmwarePersonality): Promise<Uint8Array> {
  // Loaded when it is needed: it takes longer than the rest of a command that does not.
  const [{ Bom, Component, Metadata, Property, PropertyRepository }, { ComponentType }, serialize, spec] =
    await Promise.all([
      import('@cyclonedx/cyclonedx-library/Models'),
      import('@cyclonedx/cyclonedx-library/Enums'),
      import('@cyclonedx/cyclonedx-library/Serialize'),
      import('@cyclonedx/cyclonedx-library/Spec'),
    ]);
  const { model, version, components } = personality;
  const firmware = new Component(ComponentType.Firmware, model, {
    group: 'pumprange',
    version,
    bomRef: `${model}@${version}`,
    description: 'Firmware of a simulated pump. TEST ONLY; its components are fictitious.',
  });
  const bom = new Bom({
    metadata: new Metadata({
      component: firmware,
      properties: new PropertyRepository([new Property('pumprange:notice', 'TEST ONLY')]),
    }),
  });
  for (const { name, version: componentVersion } of components) {
    const part = new Component(ComponentType.Library, name, {
      group: 'pumprange',
      version: componentVersion,
      bomRef: `${name}@${componentVersion}`,
    });
    bom.components.add(part);
    firmware.dependencies.add(part.bomRef);
  }
  const serializer = new serialize.JsonSerializer(new serialize.JSON.Normalize.Factory(spec.Spec1dot6));
  return Buffer.from(`${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`);
}

/**
 * What speaks against a bill of materials by the schema of CycloneDX 1.6; empty if nothing does. Takes a second or two: the schema is
 * large.
 */
export async function billFaults(bytes: Uint8Array): Promise<readonly string[]> {
  const [{ JsonStrictValidator }, { Version }] = await Promise.all([
    import('@cyclonedx/cyclonedx-library/Validation'),
    import('@cyclonedx/cyclonedx-library/Spec'),
  ]);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    JSON.parse(text);
  } catch (error) {
    return [`no JSON: ${error instanceof Error ? error.message : String(error)}`];
  }
  const faults: unknown = await new JsonStrictValidator(Version.v1dot6).validate(text);
  if (faults === null) return [];
  const read = z
    .array(z.object({ instancePath: z.string(), message: z.string().optional() }))
    .safeParse(faults);
  if (!read.success) return ['it does not follow the schema'];
  return read.data.map(({ instancePath, message }) => `${instancePath || '/'} ${message ?? 'does not fit'}`);
}

const billSchema = z.looseObject({
  metadata: z
    .looseObject({
      component: z.looseObject({ name: z.string(), version: z.string().optional() }).optional(),
    })
    .optional(),
  components: z
    .array(z.looseObject({ name: z.string(), version: z.string().optional() }))
    .max(10_000)
    .optional(),
});
const LONGEST_BILL_BYTES = 16 * 1024 * 1024;

/** The components that a bill of materials names, without those that have no version. */
export function componentsOf(bytes: Uint8Array, place: string): ReadJson<readonly Component[]> {
  const read = readJsonEntry(place, bytes, billSchema, LONGEST_BILL_BYTES);
  return read.ok ? { ok: true, value: namedIn(read.value) } : read;
}

/** The firmware version that a bill of materials is about, by its `metadata.component`, and its components. */
export function billBuild(
  bytes: Uint8Array,
  place: string,
): ReadJson<{ readonly model: string; readonly version: string; readonly components: readonly Component[] }> {
  const read = readJsonEntry(place, bytes, billSchema, LONGEST_BILL_BYTES);
  if (!read.ok) return read;
  const about = read.value.metadata?.component;
  if (about?.version === undefined) {
    return {
      ok: false,
      reason: `${place}: metadata.component does not say which version of what it is about`,
    };
  }
  return { ok: true, value: { model: about.name, version: about.version, components: namedIn(read.value) } };
}

function namedIn({ components = [] }: z.infer<typeof billSchema>): readonly Component[] {
  return components.flatMap(({ name, version }) => (version === undefined ? [] : [{ name, version }]));
}
