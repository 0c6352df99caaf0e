import {
  type BedsideAction,
  type BedsideRole,
  BREAK_GLASS_REASONS,
  type PhysicalEvent,
} from '../simulator/pump/index.ts';
import { programmeEntry } from './bedside-programme.ts';
import { KEYPAD_ROLES } from './bedside-requests.ts';
import type { Words } from './bedside-words.ts';

/** What somebody at a pump wants, by one typed line. */
export type BedsideCommand =
  | { readonly kind: 'press'; readonly action: BedsideAction }
  | { readonly kind: 'physical'; readonly event: PhysicalEvent }
  | { readonly kind: 'local'; readonly what: 'help' | 'quit' | 'show' | 'drugs' }
  /** From now on somebody else presses the keys. */
  | { readonly kind: 'role'; readonly role: BedsideRole }
  /** Does nothing for so long, in real time. */
  | { readonly kind: 'wait'; readonly ms: number }
  /** An empty line, or a comment. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'error'; readonly reason: string; readonly hint: string };

export interface Verb {
  /** What follows it: words in capitals stand for values, brackets for what may be left out, `A` for a channel. */
  readonly usage: string;
  readonly group: (typeof VERB_GROUPS)[number];
  readonly read: (words: Words) => BedsideCommand;
}

export const VERB_GROUPS = ['keys', 'hands', 'faults', 'here'] as const;

const LONGEST_WAIT_S = 600;

const press = (action: BedsideAction): BedsideCommand => ({ kind: 'press', action });
const physical = (event: PhysicalEvent): BedsideCommand => ({ kind: 'physical', event });

/** A key of one channel, with nothing else to say. */
function key(
  action: Extract<
    BedsideAction['action'],
    'start' | 'pause' | 'resume' | 'stop' | 'recall' | 'start-secondary' | 'stop-secondary' | 'pca-demand'
  >,
): Verb {
  return { group: 'keys', usage: 'A', read: (words) => press({ action, channel: words.channel() }) };
}

/** A key of the whole pump. */
function bare(
  action: Extract<BedsideAction['action'], 'power-off' | 'silence' | 'clear' | 'lock' | 'leave-service'>,
): Verb {
  return { group: 'keys', usage: '', read: () => press({ action }) };
}

type BareEvent = Exclude<PhysicalEvent, { readonly channel: string } | { readonly celsius: number }>['event'];
type ChannelEvent = Extract<
  PhysicalEvent['event'],
  | 'line-clamped'
  | 'line-opened'
  | 'supply-clamped'
  | 'supply-opened'
  | 'air-purged'
  | 'door-opened'
  | 'door-closed'
  | 'set-misloaded'
  | 'set-loaded'
  | 'barrel-unclamped'
  | 'barrel-clamped'
  | 'plunger-disengaged'
  | 'plunger-engaged'
  | 'channel-detached'
  | 'channel-attached'
>;

/** A hand on a channel. */
function hand(event: ChannelEvent): Verb {
  return { group: 'hands', usage: 'A', read: (words) => physical({ event, channel: words.channel() }) };
}

/** One of two states of something on a channel. */
function either<W extends string>(
  group: 'hands' | 'faults',
  states: Readonly<Record<W, ChannelEvent>>,
): Verb {
  const choices = Object.keys(states).filter((word): word is W => Object.hasOwn(states, word));
  return {
    group,
    usage: `A ${choices.join('|')}`,
    read: (words) => {
      const channel = words.channel();
      return physical({ event: states[words.choice('the state', choices)], channel });
    },
  };
}

/** One of two states of the whole pump. */
function pumpState<W extends string>(
  group: 'hands' | 'faults',
  states: Readonly<Record<W, BareEvent>>,
): Verb {
  const choices = Object.keys(states).filter((word): word is W => Object.hasOwn(states, word));
  return {
    group,
    usage: choices.join('|'),
    read: (words) => physical({ event: states[words.choice('the state', choices)] }),
  };
}

const local = (what: 'help' | 'quit' | 'show' | 'drugs'): Verb => ({
  group: 'here',
  usage: '',
  read: () => ({ kind: 'local', what }),
});

const SETTINGS = {
  occlusion: 'occlusionLimitMmHg',
  air: 'airLimitMicroL',
  'keep-open': 'keepVeinOpenMlPerH',
  restarts: 'autoRestarts',
} as const;

/** Every verb. Only what the pump has a key or a part for: it decides itself what it takes, and says why not. */
export const VERBS: Readonly<Record<string, Verb>> = {
  programme: {
    group: 'keys',
    usage:
      'A DRUG [rate ML/H] [volume ML] [time MINUTES] [dose VALUE UNIT] [weight KG] [concentration AMOUNT UNIT in ML] [loading ML at ML/H] [pca ML lockout MINUTES limit ML hours 1|2|4] [order ID]',
    read: (words) => {
      const channel = words.channel();
      return press({ action: 'programme', channel, programme: programmeEntry(words) });
    },
  },
  confirm: {
    group: 'keys',
    usage: 'A [override]',
    read: (words) => {
      const channel = words.channel();
      return press({ action: 'confirm', channel, overrideSoftLimit: words.override() });
    },
  },
  start: key('start'),
  pause: key('pause'),
  resume: key('resume'),
  stop: key('stop'),
  rate: {
    group: 'keys',
    usage: 'A ML/H [override]',
    read: (words) => {
      const channel = words.channel();
      const rateMlPerH = words.number('the rate in mL/h');
      return press({ action: 'change-rate', channel, rateMlPerH, overrideSoftLimit: words.override() });
    },
  },
  dose: {
    group: 'keys',
    usage: 'A VALUE [override]',
    read: (words) => {
      const channel = words.channel();
      const dose = words.number('the dose, in the unit of the programme');
      return press({ action: 'change-dose', channel, dose, overrideSoftLimit: words.override() });
    },
  },
  bolus: {
    group: 'keys',
    usage: 'A ML [override]',
    read: (words) => {
      const channel = words.channel();
      const volumeMl = words.number('the volume in mL');
      return press({ action: 'bolus', channel, volumeMl, overrideSoftLimit: words.override() });
    },
  },
  secondary: {
    group: 'keys',
    usage: 'A DRUG rate ML/H volume ML [override]',
    read: (words) => {
      const channel = words.channel();
      const programme = programmeEntry(words);
      const overrideSoftLimit = words.override();
      return press({ action: 'programme-secondary', channel, programme, overrideSoftLimit });
    },
  },
  'start-secondary': key('start-secondary'),
  'stop-secondary': key('stop-secondary'),
  demand: key('pca-demand'),
  recall: key('recall'),
  silence: bare('silence'),
  clear: bare('clear'),
  on: {
    group: 'keys',
    usage: '[new]',
    read: (words) => press({ action: 'power-on', newPatient: words.takeIf('new') }),
  },
  off: bare('power-off'),
  lock: bare('lock'),
  unlock: {
    group: 'keys',
    usage: 'CODE',
    read: (words) => press({ action: 'unlock', code: words.take('the code') }),
  },
  'break-glass': {
    group: 'keys',
    usage: 'patient-in-danger | code-not-known | locked-out',
    read: (words) =>
      press({ action: 'break-glass', reason: words.choice('the reason', BREAK_GLASS_REASONS) }),
  },
  set: {
    group: 'keys',
    usage: 'A occlusion MMHG | air MICROLITRES | keep-open ML/H | restarts COUNT',
    read: (words) => {
      const channel = words.channel();
      const name = SETTINGS[words.choice('the setting', ['occlusion', 'air', 'keep-open', 'restarts'])];
      return press({ action: 'configure', channel, setting: { name, value: words.number('the value') } });
    },
  },
  service: {
    group: 'keys',
    usage: 'CODE',
    read: (words) => press({ action: 'enter-service', code: words.take('the code') }),
  },
  'leave-service': bare('leave-service'),
  bag: {
    group: 'hands',
    usage: 'A ML',
    read: (words) =>
      physical({
        event: 'reservoir-changed',
        channel: words.channel(),
        volumeMl: words.number('the content in mL'),
      }),
  },
  syringe: {
    group: 'hands',
    usage: 'A SIZE-ML [CONTENT-ML]',
    read: (words) => {
      const channel = words.channel();
      const syringeMl = words.number('the size in mL');
      const volumeMl = words.peek === undefined ? syringeMl : words.number('the content in mL');
      return physical({ event: 'reservoir-changed', channel, volumeMl, syringeMl });
    },
  },
  'second-bag': {
    group: 'hands',
    usage: 'A ML',
    read: (words) =>
      physical({
        event: 'secondary-hung',
        channel: words.channel(),
        volumeMl: words.number('the content in mL'),
      }),
  },
  clamp: hand('line-clamped'),
  open: hand('line-opened'),
  'clamp-supply': hand('supply-clamped'),
  'open-supply': hand('supply-opened'),
  purge: hand('air-purged'),
  door: either('hands', { open: 'door-opened', closed: 'door-closed' }),
  load: either('hands', { wrong: 'set-misloaded', right: 'set-loaded' }),
  barrel: either('hands', { open: 'barrel-unclamped', closed: 'barrel-clamped' }),
  plunger: either('hands', { out: 'plunger-disengaged', in: 'plunger-engaged' }),
  channel: either('hands', { off: 'channel-detached', on: 'channel-attached' }),
  mains: pumpState('hands', { off: 'mains-lost', on: 'mains-restored' }),
  air: {
    group: 'faults',
    usage: 'A MICROLITRES',
    read: (words) =>
      physical({
        event: 'air-entered',
        channel: words.channel(),
        volumeMicroL: words.number('the volume in µL'),
      }),
  },
  leak: {
    group: 'faults',
    usage: 'A MICROLITRES-PER-ML',
    read: (words) =>
      physical({
        event: 'air-leaking',
        channel: words.channel(),
        microLPerMl: words.number('the air in µL per mL'),
      }),
  },
  slip: {
    group: 'faults',
    usage: 'A SHARE',
    read: (words) =>
      physical({ event: 'motor-slipping', channel: words.channel(), share: words.number('the share') }),
  },
  sensor: {
    group: 'faults',
    usage: 'A pressure|air|flow failed|repaired',
    read: (words) => {
      const channel = words.channel();
      const sensor = words.choice('the sensor', ['pressure', 'air', 'flow']);
      const state = words.choice('the state', ['failed', 'repaired']);
      return physical({ event: `sensor-${state}`, channel, sensor });
    },
  },
  key: pumpState('faults', { stuck: 'key-stuck', released: 'key-released' }),
  controller: pumpState('faults', { hung: 'controller-hung', recovered: 'controller-recovered' }),
  battery: pumpState('faults', { failed: 'battery-failed', replaced: 'battery-replaced' }),
  temperature: {
    group: 'faults',
    usage: 'CELSIUS',
    read: (words) =>
      physical({
        event: 'temperature-changed',
        celsius: words.number('the temperature in °C', { negative: true }),
      }),
  },
  'corrupt-library': {
    group: 'faults',
    usage: '',
    read: () => physical({ event: 'library-corrupted' }),
  },
  as: {
    group: 'here',
    usage: KEYPAD_ROLES.join('|'),
    read: (words) => ({ kind: 'role', role: words.choice('who', KEYPAD_ROLES) }),
  },
  wait: {
    group: 'here',
    usage: 'SECONDS',
    read: (words) => ({
      kind: 'wait',
      ms: Math.min(words.number('the time in seconds'), LONGEST_WAIT_S) * 1_000,
    }),
  },
  drugs: local('drugs'),
  show: local('show'),
  help: local('help'),
  quit: local('quit'),
};
