import type { Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';
import type { AttackGround } from '../../engine/port.ts';

/** How long somebody waits for CONNACK, on the Clock. */
const CONNACK_MS = 30_000;

export interface Hello {
  readonly clientId: string;
  readonly keepAliveS: number;
  readonly clean: boolean;
}

/** An MQTT client that says exactly what it is told to, and confirms nothing by itself. */
export class RawClient {
  readonly #ground: AttackGround;
  readonly #socket: Socket;
  #onPacket: ((packet: Packet) => void) | undefined;
  #onClosed: (() => void) | undefined;

  constructor(ground: AttackGround, socket: Socket) {
    this.#ground = ground;
    this.#socket = socket;
    const reading = parser({ protocolVersion: 4 });
    reading.on('packet', (packet: Packet) => this.#onPacket?.(packet));
    // What it cannot read is no reason to stop: it came to disturb, not to listen.
    reading.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => reading.parse(bytes));
    socket.on('error', () => undefined);
    socket.once('close', () => this.#onClosed?.());
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  onPacket(listener: (packet: Packet) => void): void {
    this.#onPacket = listener;
  }

  send(packet: Packet): void {
    this.sendBytes(generate(packet));
  }

  sendBytes(bytes: Uint8Array): void {
    if (this.isOpen) this.#socket.write(bytes);
  }

  /** CONNECT, and the return code of CONNACK; `undefined` if it is closed before, or nothing comes. */
  hello({ clientId, keepAliveS, clean }: Hello): Promise<number | undefined> {
    return new Promise((resolve) => {
      if (!this.isOpen) return resolve(undefined);
      const done = (code: number | undefined): void => {
        timer.cancel();
        this.#onPacket = undefined;
        this.#onClosed = undefined;
        resolve(code);
      };
      const timer = this.#ground.clock.after(CONNACK_MS, () => done(undefined));
      this.#onClosed = () => done(undefined);
      this.#onPacket = (packet) => {
        if (packet.cmd === 'connack') done(packet.returnCode ?? 0);
      };
      this.send({
        ...{ cmd: 'connect', clientId, clean, keepalive: keepAliveS },
        ...{ protocolId: 'MQTT', protocolVersion: 4 },
      });
    });
  }

  cut(): void {
    this.#socket.destroy();
  }
}
