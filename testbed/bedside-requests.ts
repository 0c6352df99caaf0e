import { z } from 'zod';
import {
  type BedsideAction,
  type BedsideRole,
  BREAK_GLASS_REASONS,
  type PhysicalEvent,
} from '../simulator/pump/index.ts';

/**
 * What may be asked at a keypad. The types are those of the pump: `satisfies` holds the schemas to them, and a test that none is
 * missing. Of a number is asked only that it is one: what is possible for a model, and what is safe, the pump decides.
 */
const quantity = z.number().min(0).max(1e9);
const text = z.string().min(1).max(64);
const channel = z.string().min(1).max(16);
const overrideSoftLimit = z.boolean().exactOptional();

type ProgrammeEntry = Extract<BedsideAction, { readonly action: 'programme' }>['programme'];
type PumpSetting = Extract<BedsideAction, { readonly action: 'configure' }>['setting'];

const concentration = z.strictObject({
  amount: quantity,
  amountUnit: z.enum(['ng', 'mcg', 'mg', 'g', 'milliunits', 'units', 'mEq', 'mL']),
  volumeMl: quantity,
});

const programme: z.ZodType<ProgrammeEntry> = z.strictObject({
  orderId: text.nullable(),
  drug: text.nullable(),
  concentration: concentration.exactOptional(),
  weightKg: quantity.exactOptional(),
  rateMlPerH: quantity.exactOptional(),
  volumeToBeInfusedMl: quantity.exactOptional(),
  durationMinutes: quantity.exactOptional(),
  dose: z.strictObject({ value: quantity, unit: text }).exactOptional(),
  loading: z.strictObject({ volumeMl: quantity, rateMlPerH: quantity }).exactOptional(),
  pca: z
    .strictObject({
      demandDoseMl: quantity,
      lockoutMinutes: quantity,
      accumulatedLimitMl: quantity,
      accumulatedWindowHours: z.union([z.literal(1), z.literal(2), z.literal(4)]),
    })
    .exactOptional(),
});

const setting: z.ZodType<PumpSetting> = z.strictObject({
  name: z.enum(['occlusionLimitMmHg', 'airLimitMicroL', 'keepVeinOpenMlPerH', 'autoRestarts']),
  value: quantity,
});

const on = <A extends string>(action: A) => z.strictObject({ action: z.literal(action), channel });
const bare = <A extends string>(action: A) => z.strictObject({ action: z.literal(action) });
const code = z.string().max(64);

const action = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('power-on'), newPatient: z.boolean() }),
  bare('power-off'),
  on('programme').extend({ programme }),
  on('recall'),
  on('confirm').extend({ overrideSoftLimit }),
  on('start'),
  on('pause'),
  on('resume'),
  on('stop'),
  on('change-rate').extend({ rateMlPerH: quantity, overrideSoftLimit }),
  on('change-dose').extend({ dose: quantity, overrideSoftLimit }),
  on('programme-secondary').extend({ programme, overrideSoftLimit }),
  on('start-secondary'),
  on('stop-secondary'),
  on('bolus').extend({ volumeMl: quantity, overrideSoftLimit }),
  on('pca-demand'),
  bare('silence'),
  bare('clear'),
  on('configure').extend({ setting }),
  bare('lock'),
  bare('unlock').extend({ code }),
  bare('break-glass').extend({ reason: z.enum(BREAK_GLASS_REASONS) }),
  bare('enter-service').extend({ code }),
  bare('leave-service'),
]) satisfies z.ZodType<BedsideAction>;

const at = <E extends string>(event: E) => z.strictObject({ event: z.literal(event), channel });
const happens = <E extends string>(event: E) => z.strictObject({ event: z.literal(event) });
const sensor = z.enum(['pressure', 'air', 'flow']);

const event = z.discriminatedUnion('event', [
  at('line-clamped'),
  at('line-opened'),
  at('supply-clamped'),
  at('supply-opened'),
  at('reservoir-changed').extend({ volumeMl: quantity, syringeMl: quantity.exactOptional() }),
  at('secondary-hung').extend({ volumeMl: quantity }),
  at('air-entered').extend({ volumeMicroL: quantity }),
  at('air-leaking').extend({ microLPerMl: quantity }),
  at('air-purged'),
  at('door-opened'),
  at('door-closed'),
  at('set-misloaded'),
  at('set-loaded'),
  at('barrel-unclamped'),
  at('barrel-clamped'),
  at('plunger-disengaged'),
  at('plunger-engaged'),
  at('channel-detached'),
  at('channel-attached'),
  at('motor-slipping').extend({ share: quantity }),
  at('sensor-failed').extend({ sensor }),
  at('sensor-repaired').extend({ sensor }),
  happens('key-stuck'),
  happens('key-released'),
  happens('controller-hung'),
  happens('controller-recovered'),
  happens('temperature-changed').extend({ celsius: z.number().min(-100).max(200) }),
  happens('battery-failed'),
  happens('battery-replaced'),
  happens('library-corrupted'),
  happens('mains-lost'),
  happens('mains-restored'),
]) satisfies z.ZodType<PhysicalEvent>;

export const KEYPAD_ROLES = ['nurse', 'pharmacist', 'biomed', 'patient'] as const;
const role = z.enum(KEYPAD_ROLES) satisfies z.ZodType<BedsideRole>;
const serial = z.string().max(64);

/** The parameters of the methods of the control socket. */
export const bedsideRequests = {
  'bedside.open': z.strictObject({ serial }),
  'bedside.close': z.strictObject({ serial }),
  'bedside.display': z.strictObject({ serial }),
  'bedside.drugs': z.strictObject({ serial }),
  'bedside.code': z.strictObject({ serial, role }),
  'bedside.press': z.strictObject({ serial, role, action }),
  'bedside.physical': z.strictObject({ serial, event }),
} as const;
