import type { BrokerName } from '../scenarios/index.ts';
import type { ControlMethods } from './control-port.ts';
import type { WardData } from './data.ts';
import type { GroundOptions } from './ground.ts';
import type { OperationsOptions } from './operations.ts';

/** A part of the testbed that runs as a process of its own. */
export interface Component {
  /** What it says once it is ready. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly methods: ControlMethods;
  /** Whether it does its work now, such as being connected; absent: as long as it runs. */
  readonly isWell?: () => boolean;
  stop(): Promise<void>;
}

export interface ComponentOptions extends GroundOptions {
  readonly data: WardData;
  /** Whose broker; ours by default. */
  readonly broker?: BrokerName;
  /** Of the pumps at first. */
  readonly firmware?: readonly [string, ...string[]] | undefined;
  /** Of the broker's listener in the clear, where it has one; any by default. */
  readonly plaintextPort?: number | undefined;
  /** Which node of several this broker is, from 1. */
  readonly node: number;
  /** What the nodes share; absent: there is one. */
  readonly redis?: string;
  readonly operations?: OperationsOptions;
}
