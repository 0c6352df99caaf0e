import type { AlarmPriority } from '../../protocol/index.ts';

/**
 * What the pump did, decided or noticed, in the order in which it happened. The shell turns facts into the log,
 * into messages and into evidence; the machine itself knows nothing of any of them.
 */
export type Fact =
  | {
      readonly fact: 'alarm';
      readonly atMs: number;
      /** e.g. `downstream-occlusion`, `near-end`, `infusion-complete`, `battery-low`. */
      readonly alarm: string;
      readonly channel: string | null;
      readonly priority: AlarmPriority;
      readonly change: 'raised' | 'silenced' | 'escalated' | 'cleared';
    }
  | {
      readonly fact: 'event';
      readonly atMs: number;
      /** e.g. `self-test-passed`, `infusion-started`, `rate-changed`, `action-refused`, `library-activated`. */
      readonly event: string;
      readonly channel: string | null;
      readonly detail: Readonly<Record<string, string | number | boolean | null>>;
    };
