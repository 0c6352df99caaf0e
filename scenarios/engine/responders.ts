import type { Clock } from '../../clock/index.ts';
import {
  type Alert,
  type AlertDetails,
  isAtLeast,
  PumprangeError,
  parseUrn,
  type Serial,
  urnOf,
} from '../../protocol/index.ts';
import type { ActionOf } from '../format/actions.ts';
import { durationMs } from '../format/duration.ts';
import { delayMsOf, type Playbook, type PlaybookAction } from '../format/playbook.ts';
import type { Response, ResponseAction } from './observation.ts';
import type { Stage, StageAction, StepResult } from './port.ts';

/** Whom a playbook is carried out on. */
type Target = Pick<AlertDetails, 'identity' | 'address' | 'pump'>;

interface Running {
  readonly playbook: Playbook;
  readonly target: Target;
  readonly alert: Alert | undefined;
  readonly actions: ResponseAction[];
}

/**
 * The defenders of a rehearsal: they see alerts, take the time that people take, and act through the stage like everybody
 * else. What goes wrong with an action is its outcome, and the next one is tried.
 */
export class Responders {
  readonly #stage: Pick<Stage, 'perform' | 'alerts'>;
  readonly #clock: Clock;
  readonly #serials: readonly Serial[];
  readonly #playbooks: readonly Playbook[];
  #answering: readonly Playbook[] = [];
  readonly #running: Running[] = [];
  #seen = 0;

  /**
   * @param serials the pumps of the ward
   * @param playbooks all that there are
   */
  constructor(
    stage: Pick<Stage, 'perform' | 'alerts'>,
    clock: Clock,
    serials: readonly Serial[],
    playbooks: readonly Playbook[],
  ) {
    this.#serials = serials;
    this.#stage = stage;
    this.#clock = clock;
    this.#playbooks = playbooks;
  }

  /**
   * @param ids playbooks that alerts are answered with
   * @throws PumprangeError `PR_STEP_FAILED` for one that there is not
   */
  answerWith(ids: readonly string[]): void {
    this.#answering = ids.map((id) => this.#named(id));
  }

  /** Takes note of the alerts that are new. */
  heed(): void {
    const alerts = this.#stage.alerts();
    for (; this.#seen < alerts.length; this.#seen++) {
      const alert = alerts[this.#seen];
      if (alert === undefined) continue;
      for (const playbook of this.#answering) {
        if (!answers(playbook, alert) || !this.#isNew(playbook, alert.about)) continue;
        const running = this.#enter(playbook, alert.about, alert);
        this.#clock.at(alert.atMs + delayMsOf(playbook), () => void this.#carryOut(running));
      }
    }
  }

  /**
   * Carries out a playbook because somebody says so, without the time to notice and decide.
   * @throws PumprangeError `PR_STEP_FAILED` for one that there is not
   */
  async run({ playbook, identity, address, pump }: ActionOf<'run-playbook'>): Promise<StepResult> {
    const target = {
      identity: identity === undefined ? null : urnOf(identity),
      address: address ?? null,
      pump: pump ?? null,
    };
    return this.#carryOut(this.#enter(this.#named(playbook), target, undefined));
  }

  #named(id: string): Playbook {
    const playbook = this.#playbooks.find((one) => one.id === id);
    if (playbook === undefined) throw new PumprangeError('PR_STEP_FAILED', `there is no playbook ${id}`);
    return playbook;
  }

  /** What has been done so far. */
  responses(): readonly Response[] {
    return this.#running.map(({ playbook, target, alert, actions }) => ({
      playbook: playbook.id,
      rule: alert?.rule ?? null,
      alertAtMs: alert?.atMs ?? null,
      ...target,
      actions: [...actions],
    }));
  }

  #enter(playbook: Playbook, { identity, address, pump }: Target, alert: Alert | undefined): Running {
    const running: Running = { playbook, target: { identity, address, pump }, alert, actions: [] };
    this.#running.push(running);
    return running;
  }

  /** Nobody does the same twice about the same. */
  #isNew(playbook: Playbook, { identity, address, pump }: Target): boolean {
    const before = this.#running.filter((one) => one.playbook === playbook);
    return (
      before.length < playbook.most &&
      !before.some(
        ({ target }) => target.identity === identity && target.address === address && target.pump === pump,
      )
    );
  }

  async #carryOut({ playbook, target, actions }: Running): Promise<StepResult> {
    for (const action of playbook.actions) {
      if (action.after !== undefined) await this.#pause(durationMs(action.after));
      const { do: verb, staffActions } = action;
      const what = actionOn(action, target, this.#serials);
      const result = 'outcome' in what ? what : await this.#perform(what);
      const pumps = 'pumps' in what && what.pumps !== 'all' ? what.pumps : [];
      actions.push({ action: verb, ...result, atMs: this.#clock.now(), pumps, staffActions });
    }
    const done = actions.filter(({ outcome }) => outcome === 'succeeded').length;
    return {
      outcome: done > 0 ? 'succeeded' : 'refused',
      detail: `${done} of ${actions.length} actions of ${playbook.id} succeeded`,
    };
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(delayMs, resolve));
  }

  /** What cannot be done is the outcome of an action, and no fault of the rehearsal. */
  async #perform(action: StageAction): Promise<StepResult> {
    try {
      return await this.#stage.perform(action);
    } catch (cause) {
      return { outcome: 'refused', detail: cause instanceof Error ? cause.message : String(cause) };
    }
  }
}

function answers({ trigger: { rules, level } }: Playbook, alert: Alert): boolean {
  return rules?.includes(alert.rule) === true || (level !== undefined && isAtLeast(alert.level, level));
}

/** What is to be done on the ward, or why there is nothing to do. */
function actionOn(
  action: PlaybookAction,
  target: Target,
  serials: readonly Serial[],
): StageAction | StepResult {
  switch (action.do) {
    case 'revoke': {
      const identity = target.identity === null ? undefined : parseUrn(target.identity);
      return identity === undefined ? nobody('identity') : { do: 'revoke', identity };
    }
    case 'manual-fallback':
    case 'restore':
    case 'bedside-check': {
      const pumps = serials.filter((serial) => action.pumps === 'all' || serial === target.pump);
      return pumps.length === 0 ? nobody('pump of the ward') : { do: STAGE_VERBS[action.do], pumps };
    }
    case 'note':
      return { outcome: 'succeeded', detail: action.what };
  }
}

const STAGE_VERBS = {
  'manual-fallback': 'network-cut',
  restore: 'network-restore',
  'bedside-check': 'bedside-check',
} as const;

function nobody(what: string): StepResult {
  return { outcome: 'skipped', detail: `the alert names no ${what}` };
}
