import type { Timer } from '../clock/index.ts';
import {
  type AckMessage,
  ackMessage,
  type CommandMessage,
  Composer,
  clientIdOf,
  DialRefusedError,
  type Identity,
  type Link,
  parseMessage,
  pumpTopic,
  signMessage,
  urnOf,
} from '../protocol/index.ts';
import { type ActionOf, commandBody, type StepResult } from '../scenarios/index.ts';
import { dialer } from './dialer.ts';
import type { Testbed } from './testbed.ts';

/** As long as a command may be on its way, and as long as a nurse looks at the screen for the answer. */
const COMMAND_LIFE_MS = 30_000;
const KEEP_ALIVE_S = 60;

interface Seat {
  readonly composer: Composer;
  link: Link | undefined;
  /** Pumps whose answers it hears. */
  readonly hears: Set<string>;
}

type Answer = AckMessage['body'];

/** The nurses' stations of a floor from which nurses command pumps: a session of each, opened when it is first needed. */
export class CommandDesk {
  readonly #testbed: Testbed;
  readonly #seats = new Map<string, Seat>();
  readonly #waiting = new Map<string, (answer: Answer) => void>();
  /** The last command to each pump: one before it is ordered no more, whatever becomes of it. */
  readonly #last = new Map<string, CommandMessage['body']>();

  constructor(testbed: Testbed) {
    this.#testbed = testbed;
  }

  /** Sends a signed command and waits for what the pump answers. What it carries out is ordered from then on. */
  async command(action: ActionOf<'command'>): Promise<StepResult> {
    const { options, caregiver } = this.#testbed;
    const { pump } = this.#testbed.member(action.pump);
    const seat = await this.#seat(action.station);
    if (seat?.link === undefined) return { outcome: 'refused', detail: 'the station gets no connection' };
    const { link } = seat;
    if (!seat.hears.has(pump.serial)) {
      seat.hears.add(pump.serial);
      await link.subscribe(pumpTopic(pump.serial, 'ack'), 1);
    }
    const body = commandBody(action);
    const message = seat.composer.compose('command', body, {
      to: urnOf({ kind: 'pump', id: pump.serial }),
      expiresAtMs: options.clock.now() + COMMAND_LIFE_MS,
    });
    const signed = await options.settling.hold("a nurse's signature", () =>
      signMessage(message, this.#testbed.signer('nurse', action.nurse)),
    );
    this.#last.set(pump.serial, body);
    const answer = this.#answerTo(message);
    const taken = await link
      .publish(pumpTopic(pump.serial, 'command'), JSON.stringify(signed), { qos: 1 })
      .then(
        () => true,
        () => false,
      );
    if (!taken) return { outcome: 'refused', detail: 'the broker does not take it' };
    const said = await answer;
    if (said === undefined) return { outcome: 'refused', detail: 'the pump does not answer' };
    if (said.outcome === 'refused') return { outcome: 'refused', detail: said.reason };
    if (this.#last.get(pump.serial) === body) caregiver.commanded(pump, body);
    return { outcome: 'succeeded', detail: 'the pump has done it' };
  }

  /** Closes what it opened. */
  close(): void {
    for (const { link } of this.#seats.values()) link?.end();
    this.#seats.clear();
  }

  async #seat(station: string): Promise<Seat | undefined> {
    const { options } = this.#testbed;
    const identity: Identity = { kind: 'nurse-station', id: station };
    const known = this.#seats.get(station);
    if (known?.link !== undefined) return known;
    const seat: Seat = known ?? {
      composer: new Composer(identity, `boot-${station}`, () => options.clock.now()),
      link: undefined,
      hears: new Set(),
    };
    this.#seats.set(station, seat);
    seat.hears.clear();
    const [endpoint] = [...this.#testbed.listeners()].reverse();
    if (endpoint === undefined) return undefined;
    const { judge, network } = this.#testbed;
    const dial = dialer(
      { ...options, judge, endpoint: () => endpoint, localAddress: network.addressOf('nurse-station') },
      options.pki.credentialFor(identity),
    );
    try {
      seat.link = await dial(
        // Other programs of the same station have sessions of their own.
        { clientId: `${clientIdOf(identity)}/commands`, keepAliveS: KEEP_ALIVE_S },
        {
          message: (_topic, payload) => this.#heard(payload),
          closed: () => {
            seat.link = undefined;
          },
        },
      );
    } catch (error) {
      if (!(error instanceof DialRefusedError)) throw error;
    }
    return seat;
  }

  #answerTo({
    from,
    bootId,
    seq,
  }: Pick<CommandMessage, 'from' | 'bootId' | 'seq'>): Promise<Answer | undefined> {
    const name = `${from} ${bootId} ${seq}`;
    let timer: Timer | undefined;
    return new Promise((resolve) => {
      const end = (answer: Answer | undefined): void => {
        timer?.cancel();
        this.#waiting.delete(name);
        resolve(answer);
      };
      timer = this.#testbed.options.clock.after(COMMAND_LIFE_MS, () => end(undefined));
      this.#waiting.set(name, end);
    });
  }

  #heard(payload: Buffer): void {
    const parsed = parseMessage(ackMessage, payload);
    if (!parsed.ok) return;
    const { answers } = parsed.message.body;
    this.#waiting.get(`${answers.from} ${answers.bootId} ${answers.seq}`)?.(parsed.message.body);
  }
}
