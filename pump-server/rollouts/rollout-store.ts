import type { FirmwareManifest } from '../../protocol/index.ts';
import type { Rollout } from './rollout.ts';

/** A rollout with the manifests that it is about; what is stored. */
export interface RolloutRecord {
  readonly rollout: Rollout;
  readonly update: FirmwareManifest;
  /** What is offered when it is backed out; `null`: there is nothing to go back to. */
  readonly previous: FirmwareManifest | null;
  /** Firmware was released to the model without a rollout since it ended: it has nothing to say to pumps any more. */
  readonly superseded: boolean;
}

/** Where rollouts are kept. `save` returns when it is safe on the disk, or throws. */
export interface RolloutStore {
  rollouts(): readonly RolloutRecord[];
  save(record: RolloutRecord): void;
}

/** A store that lives as long as the process. */
export function memoryRollouts(): RolloutStore {
  const records = new Map<string, RolloutRecord>();
  return {
    rollouts: () => [...records.values()],
    save: (record) => void records.set(record.rollout.plan.id, record),
  };
}
