import { PumprangeError } from '../../protocol/index.ts';
import type { LaidZone, Layout } from '../plan/layout.ts';
import { IMPAIRMENTS } from './ruleset.ts';

/**
 * What is wrong with a network.
 *
 * - `partition`: nothing gets from a zone to another one and back; without `other`, to any other.
 * - `loss`: so many per cent of the packets between them are lost at the router, at random, in both directions.
 * - `delay`: what the devices of a zone send, leaves them later, by so many milliseconds.
 */
export type Impairment =
  | { readonly kind: 'partition'; readonly zone: string; readonly other?: string }
  | { readonly kind: 'loss'; readonly zone: string; readonly other?: string; readonly percent: number }
  | { readonly kind: 'delay'; readonly zone: string; readonly ms: number };

/** An impairment, as a person reads it, with how it is made. */
export function impairmentText(impairment: Impairment): string {
  const { zone } = impairment;
  switch (impairment.kind) {
    case 'partition':
      return `partition: nothing passes between ${zone} and ${otherText(impairment)} (dropped by nftables at the router)`;
    case 'loss':
      return `loss: ${impairment.percent} % of the packets between ${zone} and ${otherText(impairment)} are lost (dropped by nftables at the router)`;
    case 'delay':
      return `delay: what ${zone} sends leaves ${impairment.ms} ms later (netem at its devices)`;
  }
}

function otherText({ other }: { readonly other?: string }): string {
  return other ?? 'every other zone';
}

/**
 * The table of all impairments that nftables makes; it looks before any rule of a ruleset, and at what is forwarded alone: neighbours in one
 * zone still reach each other.
 *
 * @throws PumprangeError `PR_USAGE` for a zone that is not there
 */
export function impairmentsTable(impairments: readonly Impairment[], layout: Layout): string {
  const rules = impairments.flatMap((impairment) =>
    impairment.kind === 'delay' ? [] : rulesOf(impairment, layout),
  );
  if (rules.length === 0) return '';
  return [
    `table inet ${IMPAIRMENTS} {`,
    '  chain forward {',
    '    type filter hook forward priority mangle; policy accept;',
    ...rules.map((rule) => `    ${rule}`),
    '  }',
    '}',
  ].join('\n');
}

function rulesOf(impairment: Exclude<Impairment, { kind: 'delay' }>, layout: Layout): readonly string[] {
  const { kind, other } = impairment;
  const one = interfaceOf(impairment.zone, layout);
  const two = other === undefined ? undefined : interfaceOf(other, layout);
  const chance = kind === 'loss' ? chanceOf(impairment.percent) : '';
  const match = (from: string | undefined, to: string | undefined): string =>
    [from && `iifname "${from}" `, to && `oifname "${to}" `].filter((text) => text !== undefined).join('');
  return [match(one, two), match(two, one)].map((where) => `${where}${chance}counter drop comment "${kind}"`);
}

/** All of them are lost without chance; nftables refuses what is always so. */
function chanceOf(percent: number): string {
  return percent === 100 ? '' : `numgen random mod ${CHANCES} < ${Math.round(percent * PER_CENT)} `;
}

/** Loss is told apart down to a tenth of a per cent. */
const PER_CENT = 10;
const CHANCES = 100 * PER_CENT;

/** The zone that an impairment, or whoever asks, means. */
export function zoneOf(id: string, { zones }: Layout): LaidZone {
  const zone = zones.find((one) => one.id === id);
  if (zone !== undefined) return zone;
  const known = zones.map((one) => one.id).join(', ');
  throw new PumprangeError(
    'PR_USAGE',
    `there is no zone ${JSON.stringify(id)} in the lab; there are ${known}`,
  );
}

function interfaceOf(id: string, layout: Layout): string {
  return zoneOf(id, layout).interface;
}

/** @throws PumprangeError `PR_USAGE` for what cannot be, `PR_USAGE` for a zone that is not there */
export function examineImpairment(impairment: Impairment, layout: Layout): void {
  zoneOf(impairment.zone, layout);
  if (impairment.kind === 'delay') {
    if (!(impairment.ms > 0 && impairment.ms <= LONGEST_DELAY_MS)) {
      throw new PumprangeError('PR_USAGE', `a delay is above 0 and up to ${LONGEST_DELAY_MS} ms`);
    }
    return;
  }
  if (impairment.other !== undefined) zoneOf(impairment.other, layout);
  if (impairment.other === impairment.zone) {
    throw new PumprangeError('PR_USAGE', 'what stays within a zone does not pass the router');
  }
  if (impairment.kind === 'loss') {
    const tenths = impairment.percent * PER_CENT;
    // 0.3 is a little less than three tenths of a number.
    if (!(Math.abs(tenths - Math.round(tenths)) < 1e-6 && tenths > 0 && tenths <= CHANCES)) {
      throw new PumprangeError('PR_USAGE', 'loss is from 0.1 to 100 per cent, in tenths');
    }
  }
}

const LONGEST_DELAY_MS = 60_000;
