import type { Kind, PumpTopic, TopicClass } from '../../protocol/index.ts';

/**
 * Who may say and read what: role × action × topic. What is not listed is denied.
 * `own` means the topics of the pump itself; `any` means every pump's, and those that are no pump's.
 */
export interface Rule {
  readonly topics: TopicClass;
  readonly whose: 'own' | 'any';
}

export interface RoleRules {
  readonly publish: readonly Rule[];
  readonly subscribe: readonly Rule[];
}

const own = (...topics: PumpTopic[]): Rule[] =>
  topics.map((topic) => ({ topics: { kind: 'pump', topic }, whose: 'own' }));
const any = (...topics: PumpTopic[]): Rule[] =>
  topics.map((topic) => ({ topics: { kind: 'pump', topic }, whose: 'any' }));
const of = (kind: Exclude<TopicClass['kind'], 'pump'>, whose: Rule['whose'] = 'any'): Rule => ({
  topics: { kind },
  whose,
});

const RELEASES: readonly Rule[] = [
  of('ceiling-release'),
  of('library-release'),
  of('configuration-release'),
  of('firmware-release'),
];
const NOTHING: RoleRules = { publish: [], subscribe: [] };

export const RULES: Readonly<Record<Kind, RoleRules>> = {
  pump: {
    publish: [
      ...own('status', 'telemetry', 'alarm', 'event', 'ack', 'patient'),
      of('artifact-request', 'own'),
    ],
    subscribe: [...own('command', 'order', 'receipt', 'renewal'), ...RELEASES, of('artifact-chunk', 'own')],
  },
  'pump-server': {
    publish: [...any('receipt', 'renewal'), ...RELEASES, of('artifact-chunk')],
    subscribe: [...any('status', 'telemetry', 'alarm', 'event', 'ack'), of('artifact-request')],
  },
  'nurse-station': {
    publish: any('command'),
    subscribe: any('status', 'telemetry', 'alarm', 'event', 'ack', 'patient'),
  },
  gateway: {
    publish: any('order'),
    subscribe: any('status', 'telemetry', 'alarm', 'event', 'ack', 'patient'),
  },
  observer: {
    publish: [],
    subscribe: [
      ...any('status', 'telemetry', 'alarm', 'event', 'ack', 'command', 'order', 'receipt', 'renewal'),
      ...RELEASES,
    ],
  },
  vendor: { publish: [], subscribe: [of('firmware-release'), ...any('status')] },
  broker: NOTHING,
  // It hands out certificates over HTTPS and has nothing to say here.
  'est-server': NOTHING,
  // People sign; it is machines that connect.
  nurse: NOTHING,
  pharmacist: NOTHING,
  biomed: NOTHING,
  'clinical-engineer': NOTHING,
  security: NOTHING,
};

/** The topics on which the design has retained messages. */
export const RETAINED: readonly Rule[] = [...any('status'), ...RELEASES];
