import type { PumpModel } from '../models/index.ts';
import {
  advance,
  type ChannelPhysics,
  type FlowStretch,
  flowStretches,
  integrateMl,
} from '../physics/index.ts';
import type { FlowSegment } from './reading.ts';

/** The flow of one channel into the patient since the pump was made, as it really was. */
export class FlowRecord {
  readonly #channel: string;
  readonly #line: PumpModel['line'];
  readonly #stretches: FlowStretch[] = [];
  #physics: ChannelPhysics;

  constructor(channel: string, line: PumpModel['line'], physics: ChannelPhysics) {
    this.#channel = channel;
    this.#line = line;
    this.#physics = physics;
  }

  /** From here on that physics holds; what held until then is settled. */
  follow(physics: ChannelPhysics): void {
    if (physics === this.#physics) return;
    for (const stretch of flowStretches(this.#physics, this.#line, physics.sinceMs)) this.#append(stretch);
    this.#physics = physics;
  }

  /** All stretches until `untilMs`; two in a row never have the same flow. */
  segments(untilMs: number): FlowSegment[] {
    const channel = this.#channel;
    const all = [...this.#stretches];
    for (const stretch of flowStretches(this.#physics, this.#line, untilMs)) append(all, stretch);
    return all.map((stretch) => ({ channel, ...stretch }));
  }

  /** What went into the patient until `atMs`, in mL; a time in the past is fine. */
  totalMl(atMs: number): number {
    if (atMs >= this.#physics.sinceMs) return advance(this.#physics, this.#line, atMs).deliveredMl;
    return integrateMl(this.#stretches, atMs);
  }

  #append(stretch: FlowStretch): void {
    append(this.#stretches, stretch);
  }
}

function append(stretches: FlowStretch[], stretch: FlowStretch): void {
  // Of several changes at one instant only the last lasts.
  while ((stretches.at(-1)?.fromMs ?? Number.NEGATIVE_INFINITY) >= stretch.fromMs) stretches.pop();
  if (stretches.at(-1)?.flowMlPerH !== stretch.flowMlPerH) stretches.push(stretch);
}
