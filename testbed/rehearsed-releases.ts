import { PumprangeError, rolloutPlanSchema } from '../protocol/index.ts';
import type { ServerStore } from '../pump-server/index.ts';
import type { ActionOf, StepResult } from '../scenarios/index.ts';
import { ReleaseMaker } from './release-maker.ts';
import type { Testbed } from './testbed.ts';

const PUBLISHED: StepResult = { outcome: 'succeeded', detail: 'published' };

/**
 * Publishes the releases that a rehearsal wants through the pump server, and remembers those that are to be replayed. The server of a
 * rehearsal does not look at what it is given: what reaches pumps is for pumps to judge.
 */
export class RehearsedReleases {
  readonly #testbed: Testbed;
  readonly #maker: ReleaseMaker;
  readonly #remembered = new Map<string, () => void>();
  /** The last backup of the server. */
  backup: ServerStore | undefined;

  constructor(testbed: Testbed) {
    this.#testbed = testbed;
    this.#maker = new ReleaseMaker(testbed);
  }

  async library(action: ActionOf<'release-library'>): Promise<StepResult> {
    const signed = await this.#maker.library(action);
    return this.#publish(action.as, () => {
      this.#testbed.server.releaseLibrary(signed, { unchecked: true });
    });
  }

  async ceiling(action: ActionOf<'release-ceiling'>): Promise<StepResult> {
    const signed = await this.#maker.ceiling(action);
    return this.#publish(action.as, () => this.#testbed.server.releaseDocument(signed));
  }

  async configuration(action: ActionOf<'release-configuration'>): Promise<StepResult> {
    const signed = await this.#maker.configuration(action);
    return this.#publish(action.as, () => this.#testbed.server.releaseDocument(signed));
  }

  async firmware(action: ActionOf<'release-firmware'>): Promise<StepResult> {
    const signed = await this.#maker.firmware(action, action.tamper);
    const { wave } = action;
    return this.#publish(action.as, () => {
      this.#testbed.server.releaseFirmware(signed, {
        unchecked: true,
        ...(wave === 'all' ? {} : { wave }),
      });
    });
  }

  /** Begins a rollout of a shipped firmware version, changed as the step says. */
  async beginRollout(action: ActionOf<'rollout-begin'>): Promise<StepResult> {
    const { rollout: id, model, version, waves, gates, windows, backOutTo } = action;
    const update = await this.#maker.firmware(action);
    const previous =
      backOutTo === undefined
        ? undefined
        : await this.#maker.firmware({ ...action, version: backOutTo, selfTest: undefined });
    return refusable(() => {
      const plan = rolloutPlanSchema.parse({
        ...{ id, title: id, model, version, waves, gates, windows },
        ...(backOutTo !== undefined && { backOutTo }),
      });
      this.#testbed.server.beginRollout(plan, { update, unchecked: true, ...(previous && { previous }) });
      return { outcome: 'succeeded', detail: 'begun' };
    });
  }

  /** Steers a rollout. */
  orderRollout({ rollout, order }: ActionOf<'rollout-order'>): StepResult {
    return refusable(() => {
      const { phase } = this.#testbed.server.orderRollout(rollout, order, 'biomed-01');
      return { outcome: 'succeeded', detail: `it is ${phase}` };
    });
  }

  /** Publishes a release again, as it was. */
  replay({ release }: ActionOf<'replay-release'>): StepResult {
    const publish = this.#remembered.get(release);
    if (publish === undefined) {
      throw new PumprangeError('PR_STEP_FAILED', `no step before has made a release ${release}`);
    }
    publish();
    return PUBLISHED;
  }

  #publish(name: string | undefined, publish: () => void): StepResult {
    publish();
    if (name !== undefined) this.#remembered.set(name, publish);
    return PUBLISHED;
  }
}

/** What the server refuses is the outcome of a step, and no fault of the rehearsal. */
function refusable(work: () => StepResult): StepResult {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PumprangeError) || error.code !== 'PR_ROLLOUT_INVALID') throw error;
    return { outcome: 'refused', detail: error.message };
  }
}
