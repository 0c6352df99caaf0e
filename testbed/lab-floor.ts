import type { ZonePolicy } from '../network/index.ts';
import type { Lab } from '../network/lab/index.ts';
import type { LabComponent } from './lab-report.ts';

export interface LabFloorOptions {
  readonly policy: ZonePolicy;
  readonly dir: string;
  readonly posture: string;
  readonly pumps: number;
  /** How to run the command of this house. */
  readonly program: readonly string[];
}

export interface LabFloor {
  components(): readonly LabComponent[];
  call(component: string, method: string, params?: unknown): Promise<unknown>;
}

export async function startLabFloor(_lab: Lab, _options: LabFloorOptions): Promise<LabFloor> {
  return { components: () => [], call: async () => [] };
}
