import type { Timer } from '../../../clock/index.ts';
import { Composer, DialRefusedError, filterMatches, type Link } from '../../../protocol/index.ts';
import type { AttackCredential, AttackGround, StepResult } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import { durationMs } from '../../format/duration.ts';
import { type Guise, guisesOf } from './guise.ts';
import { payloadBytes } from './payload.ts';

export interface Captured {
  readonly topic: string;
  readonly payload: Buffer;
}

/** A connection keeps so many messages to play back; what comes later it only counts. */
const MOST_CAPTURED = 1_000;
/** Whoever never answers a publication is not waited for longer than this, on the Clock. */
const ANSWER_MS = 20_000;

/** One connection of the adversary's to the broker, under one name in the scenario, however often it is opened anew. */
export class Foothold {
  readonly #ground: AttackGround;
  readonly #action: ActionOf<'connect'>;
  readonly #credential: AttackCredential | undefined;
  readonly #received: (topic: string, payload: Buffer) => void;
  readonly #filters: string[] = [];
  readonly #hearers: ((topic: string, payload: Buffer) => void)[] = [];
  readonly #captured: Captured[] = [];
  #guise: Guise;
  #composer: Composer;
  #link: Link | undefined;
  #comingBack: Timer | undefined;
  #returnsLeft: number;
  #left = false;

  constructor(
    ground: AttackGround,
    action: ActionOf<'connect'>,
    credential: AttackCredential | undefined,
    received: (topic: string, payload: Buffer) => void,
  ) {
    this.#ground = ground;
    this.#action = action;
    this.#credential = credential;
    this.#received = received;
    this.#returnsLeft = action.comesBack?.times ?? 0;
    [this.#guise] = guisesOf(action.as);
    this.#composer = this.#composerOf(this.#guise);
  }

  get composer(): Composer {
    return this.#composer;
  }

  get isOpen(): boolean {
    return this.#link !== undefined;
  }

  /** Tries each listener that there is under each name that it may come under; the first that lets it in is taken. */
  async open(): Promise<StepResult> {
    let detail = 'no such listener is open';
    for (const listener of this.#doors()) {
      for (const guise of guisesOf(this.#action.as)) {
        if (this.#ground.endpoint({ service: 'broker', listener }) === undefined) continue;
        try {
          await this.#dial(listener, guise);
          return { outcome: 'succeeded', detail: `connected over ${listener} as ${guise.clientId}` };
        } catch (error) {
          if (!(error instanceof DialRefusedError)) throw error;
          detail = `${listener}: the broker does not let it in`;
        }
      }
    }
    return { outcome: 'refused', detail };
  }

  async publish(topic: string, payload: string | Buffer, qos: 0 | 1, retain: boolean): Promise<StepResult> {
    const link = this.#link;
    if (link === undefined) return GONE;
    let timer: Timer | undefined;
    const silence = new Promise<StepResult>((resolve) => {
      timer = this.#ground.clock.after(ANSWER_MS, () =>
        resolve({ outcome: 'refused', detail: 'the broker never answered' }),
      );
    });
    const sent = link.publish(topic, payload, { qos, retain }).then(
      (): StepResult => ({ outcome: 'succeeded', detail: 'the broker took it' }),
      (): StepResult => ({ outcome: 'refused', detail: 'the connection was closed on it' }),
    );
    const result = await Promise.race([sent, silence]);
    timer?.cancel();
    return result;
  }

  async subscribe(filter: string): Promise<StepResult> {
    const link = this.#link;
    if (link === undefined) return GONE;
    this.#filters.push(filter);
    return (await link.subscribe(filter, 1))
      ? { outcome: 'succeeded', detail: 'granted' }
      : { outcome: 'refused', detail: 'not granted' };
  }

  /** Tells of each message that arrives from now on. */
  onMessage(listener: (topic: string, payload: Buffer) => void): void {
    this.#hearers.push(listener);
  }

  /** The how manieth message that arrived on a topic of the filter, from 1; `undefined` if not so many did. */
  captured(filter: string, which: number): Captured | undefined {
    return this.#captured.filter(({ topic }) => filterMatches(filter, topic))[which - 1];
  }

  /** All that it keeps to play back. */
  allCaptured(): readonly Captured[] {
    return this.#captured;
  }

  /** Stays away from now on. `abruptly`: the broker publishes the will. */
  leave(abruptly: boolean): void {
    this.#left = true;
    this.#comingBack?.cancel();
    if (abruptly) this.#link?.cut();
    else this.#link?.end();
    this.#link = undefined;
  }

  #doors(): readonly ('tls' | 'plaintext')[] {
    if (this.#action.listener !== 'any') return [this.#action.listener];
    return this.#credential === undefined ? ['plaintext', 'tls'] : ['tls', 'plaintext'];
  }

  async #dial(listener: 'tls' | 'plaintext', guise: Guise): Promise<void> {
    const { clock } = this.#ground;
    const { clean, keepAliveSeconds, will } = this.#action;
    const endpoint = this.#ground.endpoint({ service: 'broker', listener });
    if (endpoint === undefined) throw new DialRefusedError('the listener has closed');
    const composer = guise === this.#guise ? this.#composer : this.#composerOf(guise);
    const socket = await this.#ground.open({ ...endpoint, over: listener, credential: this.#credential });
    const link = await this.#ground.mqtt(
      socket,
      {
        clientId: guise.clientId,
        keepAliveS: keepAliveSeconds,
        clean,
        ...(will && {
          will: { ...will, payload: payloadBytes(will.payload, composer, clock.now()) },
        }),
      },
      {
        message: (topic, payload) => this.#take(topic, payload),
        closed: () => this.#lost(),
      },
    );
    if (this.#left) {
      link.cut();
      throw new DialRefusedError('it was called off');
    }
    this.#guise = guise;
    this.#composer = composer;
    this.#link = link;
  }

  #composerOf({ identity }: Guise): Composer {
    const { clock } = this.#ground;
    return new Composer(identity, `boot-${this.#action.connection}`, () => clock.now(), 'unset');
  }

  #take(topic: string, payload: Buffer): void {
    if (this.#captured.length < MOST_CAPTURED) this.#captured.push({ topic, payload });
    this.#received(topic, payload);
    for (const hear of this.#hearers) hear(topic, payload);
  }

  #lost(): void {
    this.#link = undefined;
    const { comesBack } = this.#action;
    if (this.#left || comesBack === undefined || this.#returnsLeft === 0) return;
    this.#returnsLeft -= 1;
    this.#comingBack = this.#ground.clock.after(durationMs(comesBack.after), () => {
      this.open().then(
        ({ outcome }) => {
          if (outcome !== 'succeeded') return this.#lost();
          for (const filter of this.#filters) void this.#link?.subscribe(filter, 1);
        },
        () => this.#lost(),
      );
    });
  }
}

const GONE: StepResult = { outcome: 'skipped', detail: 'the connection is gone' };
