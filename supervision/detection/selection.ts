import { z } from 'zod';
import {
  CONTROL_IDS,
  type ControlId,
  type EvidenceEvent,
  filterMatches,
  KINDS,
} from '../../protocol/index.ts';
import { fieldOf } from './event-fields.ts';

/** Components that write evidence. A rule may name another one: a vendor's own part can report, too. */
const text = z.string().min(1).max(256);

/** One value, or a list of which one has to fit; `null` fits an event that does not say. */
function oneOrMore<Value extends z.ZodType>(value: Value) {
  return z.union([value.nullable(), z.array(value.nullable()).min(1).max(100)]);
}

const patterns = oneOrMore(text).describe('`*` stands for any characters.');

/** Which events a selection takes: all that is named must fit; of a list, one of its entries. */
export const selectionSchema = z
  .strictObject({
    source: patterns.optional().describe('The component that reported it: broker, pump, pki, pump-server …'),
    event: patterns.optional().describe('Name of the event, such as publish.denied; `*` for any characters.'),
    outcome: oneOrMore(z.enum(['allowed', 'denied', 'observed'])).optional(),
    control: oneOrMore(z.enum(CONTROL_IDS as [ControlId, ...ControlId[]]))
      .optional()
      .describe('Control that decided; null: none did.'),
    topic: oneOrMore(text).optional().describe('MQTT topic filter that takes in what it was done to.'),
    object: patterns.optional().describe('What it was done to, as text; `*` for any characters.'),
    subject: patterns.optional().describe('Identity URN that it is about; `*` for any characters.'),
    subjectKind: oneOrMore(z.enum(KINDS)).optional().describe('Kind of identity that it is about.'),
    subjectId: patterns.optional().describe('Id of that identity; for a pump, its serial number.'),
    address: patterns.optional().describe('Address that it came from.'),
    zone: patterns.optional().describe('Zone of the network that it came from.'),
    session: patterns.optional().describe('MQTT client id of the session.'),
    certificate: patterns.optional().describe('Fingerprint of the certificate that was presented.'),
    cause: patterns.optional().describe('The reason that was given; `*` for any characters.'),
    pump: patterns.optional().describe('Serial number of the pump that it is about, whoever reported it.'),
  })
  .refine((selection) => Object.values(selection).some((one) => one !== undefined), {
    error: 'a selection that names nothing would fit every event',
  })
  .meta({ minProperties: 1 });
type Selection = z.infer<typeof selectionSchema>;

export type Predicate = (event: EvidenceEvent) => boolean;

/** A selection as a function. The dearest questions are asked last. */
export function compileSelection(selection: Selection): Predicate {
  const { topic, event, ...rest } = selection;
  const checks: Predicate[] = [];
  const add = (name: Exclude<keyof Selection, 'topic'>, wanted: Values): void => {
    const fits = textFits(wanted);
    checks.push((one) => fits(fieldOf(one, name)));
  };
  if (event !== undefined) add('event', event);
  for (const [name, wanted] of Object.entries(rest))
    if (wanted !== undefined) add(name as keyof typeof rest, wanted);
  if (topic !== undefined) {
    const filters = [topic].flat();
    checks.push(({ object }) =>
      filters.some((filter) =>
        filter === null || object === null ? filter === object : filterMatches(filter, object),
      ),
    );
  }
  return (one) => checks.every((check) => check(one));
}

type Values = string | null | readonly (string | null)[];

function textFits(wanted: Values): (value: string | null) => boolean {
  const values = [wanted].flat();
  const exact = new Set(values.filter((one) => one === null || !one.includes('*')));
  const patterned = values.flatMap((one) => (one?.includes('*') ? [matcherOf(one)] : []));
  return (value) => exact.has(value) || (value !== null && patterned.some((fits) => fits(value)));
}

/** `*` for any characters, in time linear in the text: what stands between the stars must come in its order. */
function matcherOf(pattern: string): (value: string) => boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop() ?? '';
  return (value) => {
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last))
      return false;
    let from = first.length;
    for (const part of others) {
      const at = value.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    return from <= value.length - last.length;
  };
}
