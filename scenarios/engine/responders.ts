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
      const whats = actionsOn(action, target, this.#serials);
      const result = 'outcome' in whats ? whats : await this.#perform(whats);
      const pumps = 'outcome' in whats ? [] : whats.flatMap(pumpsOf);
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
  async #perform(actions: readonly StageAction[]): Promise<StepResult> {
    const results: StepResult[] = [];
    for (const action of actions) {
      try {
        results.push(await this.#stage.perform(action));
      } catch (cause) {
        results.push({ outcome: 'refused', detail: cause instanceof Error ? cause.message : String(cause) });
      }
    }
    // One thing done to several pumps is done if it is done to all.
    const worst = results.find(({ outcome }) => outcome !== 'succeeded') ?? results[0];
    return worst ?? { outcome: 'skipped', detail: 'there is nothing to do' };
  }
}

function answers({ trigger: { rules, level } }: Playbook, alert: Alert): boolean {
  return rules?.includes(alert.rule) === true || (level !== undefined && isAtLeast(alert.level, level));
}

/** What is to be done on the ward, or why there is nothing to do. */
function actionsOn(
  action: PlaybookAction,
  { identity: urn, address, pump }: Target,
  serials: readonly Serial[],
): readonly StageAction[] | StepResult {
  const identity = urn === null ? undefined : parseUrn(urn);
  switch (action.do) {
    case 'quarantine':
    case 'release-quarantine':
      if (action.whom === 'identity') {
        return identity === undefined ? nobody('identity') : [{ do: action.do, who: { identity } }];
      }
      return address === null ? nobody('address') : [{ do: action.do, who: { address } }];
    case 'revoke':
      return identity === undefined ? nobody('identity') : [{ do: 'revoke', identity }];
    case 'stop-server':
      return [{ do: 'server-stop' }];
    case 'start-server':
      return [{ do: 'server-start', from: 'store' }];
    case 'note':
      return { outcome: 'succeeded', detail: action.what };
    default: {
      const pumps = serials.filter((serial) => action.pumps === 'all' || serial === pump);
      return pumps.length === 0 ? nobody('pump of the ward') : onPumps(action, pumps);
    }
  }
}

type PumpAction = Extract<PlaybookAction, { readonly pumps: unknown }>;

function onPumps(action: PumpAction, pumps: Serial[]): readonly StageAction[] {
  switch (action.do) {
    case 'manual-fallback':
      return [{ do: 'network-cut', pumps }];
    case 'restore':
      return [{ do: 'network-restore', pumps }];
    case 'bedside-check':
      return [{ do: 'bedside-check', pumps }];
    case 'services-off':
      return pumps.flatMap((pump) =>
        action.services.map((service) => ({ do: 'set-service', pump, service, on: false }) as const),
      );
  }
}

function pumpsOf(action: StageAction): readonly string[] {
  return 'pumps' in action && action.pumps !== 'all' ? action.pumps : [];
}

function nobody(what: string): StepResult {
  return { outcome: 'skipped', detail: `the alert names no ${what}` };
}
