import type { Kind, PumpTopic } from '../../protocol/index.ts';

/**
 * Who may say and read what: role × action × topic. What is not listed is denied.
 * `own` means the topics below the pump's own serial number; `any` means every pump's.
 */
export type TopicClass =
  | { readonly class: 'pump'; readonly topic: PumpTopic; readonly whose: 'own' | 'any' }
  | { readonly class: 'library-release' }
  | { readonly class: 'firmware-release' }
  | { readonly class: 'artifact-request'; readonly whose: 'own' | 'any' }
  | { readonly class: 'artifact-chunk'; readonly whose: 'own' | 'any' };

export interface RoleRules {
  readonly publish: readonly TopicClass[];
  readonly subscribe: readonly TopicClass[];
}

const own = (...topics: PumpTopic[]): TopicClass[] =>
  topics.map((topic) => ({ class: 'pump', topic, whose: 'own' }));
const any = (...topics: PumpTopic[]): TopicClass[] =>
  topics.map((topic) => ({ class: 'pump', topic, whose: 'any' }));

const RELEASES: readonly TopicClass[] = [{ class: 'library-release' }, { class: 'firmware-release' }];
const NOTHING: RoleRules = { publish: [], subscribe: [] };

export const RULES: Readonly<Record<Kind, RoleRules>> = {
  pump: {
    publish: [
      ...own('status', 'telemetry', 'alarm', 'event', 'ack', 'patient'),
      { class: 'artifact-request', whose: 'own' },
    ],
    subscribe: [
      ...own('command', 'order', 'receipt'),
      ...RELEASES,
      { class: 'artifact-chunk', whose: 'own' },
    ],
  },
  'pump-server': {
    publish: [...any('receipt'), ...RELEASES, { class: 'artifact-chunk', whose: 'any' }],
    subscribe: [
      ...any('status', 'telemetry', 'alarm', 'event', 'ack'),
      { class: 'artifact-request', whose: 'any' },
    ],
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
      ...any('status', 'telemetry', 'alarm', 'event', 'ack', 'command', 'order', 'receipt'),
      ...RELEASES,
    ],
  },
  vendor: { publish: [], subscribe: [{ class: 'firmware-release' }, ...any('status')] },
  broker: NOTHING,
  // People sign; it is machines that connect.
  nurse: NOTHING,
  pharmacist: NOTHING,
  biomed: NOTHING,
  security: NOTHING,
};

/** The topics on which the design has retained messages. */
export const RETAINED: readonly TopicClass[] = [...any('status', 'alarm'), ...RELEASES];
