import type { ControlId } from '../../protocol/index.ts';

/**
 * The controls of a posture, with a memory of which were asked for. One that nobody asked for in a run cannot have changed it: without
 * it, the same seed gives the same run.
 */
export class RecordingControls extends Set<ControlId> {
  readonly consulted = new Set<ControlId>();

  override has(control: ControlId): boolean {
    // While the set is being filled there is no memory yet.
    this.consulted?.add(control);
    return super.has(control);
  }
}
