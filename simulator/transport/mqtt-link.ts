import type { Socket } from 'node:net';
import { type IClientOptions, MqttClient } from 'mqtt';
import { generate } from 'mqtt-packet';
import type { Clock, Timer } from '../../clock/index.ts';
import { type DialOptions, DialRefusedError, type Link, type LinkHandlers } from '../../protocol/index.ts';

/** From CONNECT to CONNACK, on the Clock. */
const CONNACK_MS = 10_000;
/** The longest wait that setTimeout takes: MQTT.js' own periods run in real time and are kept out of the way. */
const NEVER_MS = 2_147_483_647;

/**
 * Opens an MQTT 3.1.1 session on a connection that stands. One `MqttClient` a session: reconnecting is the caller's, on the
 * Clock, and so are the keep-alive and the wait for CONNACK.
 */
export function openMqtt(
  socket: Socket,
  clock: Clock,
  options: DialOptions,
  handlers: LinkHandlers,
): Promise<Link> {
  return new Promise((resolve, reject) => {
    // It may have been closed while its handshake was held; MQTT.js would wait for an event that has been.
    if (socket.destroyed) return reject(new DialRefusedError('the connection was closed'));
    const client = new MqttClient(() => socket, clientOptions(clock, options));
    let opened = false;
    let closed = false;
    const waiting: Timer = clock.after(CONNACK_MS, () => close('no CONNACK came'));

    const close = (reason: string): void => {
      if (closed) return;
      closed = true;
      waiting.cancel();
      client.end(true);
      socket.destroy();
      if (opened) handlers.closed(reason);
      else reject(new DialRefusedError(reason));
    };

    client.on('error', (error) => close(error.message));
    client.on('close', () => close('the connection closed'));
    client.on('message', (topic, payload, packet) => handlers.message(topic, payload, packet.retain));
    client.once('connect', () => {
      opened = true;
      waiting.cancel();
      resolve(linkOver(client, socket, () => closed, close));
    });
  });
}

function linkOver(
  client: MqttClient,
  socket: Socket,
  isClosed: () => boolean,
  close: (reason: string) => void,
): Link {
  // What is asked of a client that has ended MQTT.js keeps for a connection that never comes.
  return {
    publish: (topic, payload, { qos, retain = false }) =>
      new Promise((resolve, reject) => {
        if (isClosed()) return reject(new Error('the connection is closed'));
        const bytes = typeof payload === 'string' ? payload : viewOf(payload);
        client.publish(topic, bytes, { qos, retain }, (error) => (error ? reject(error) : resolve()));
      }),
    subscribe: (filter, qos) =>
      new Promise((resolve) => {
        if (isClosed()) return resolve(false);
        client.subscribe(filter, { qos }, (error, granted) => {
          resolve(!error && granted?.every((grant) => grant.qos < 128) === true);
        });
      }),
    end: () => {
      // MQTT.js would wait in real time before it closes: say goodbye ourselves, then close.
      socket.end(generate({ cmd: 'disconnect' }));
    },
    cut: () => close('cut'),
  };
}

/** MQTT.js wants a Buffer, and a copy of each chunk of an artefact would be held until it is acknowledged. */
function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function clientOptions(clock: Clock, options: DialOptions): IClientOptions {
  const { will } = options;
  return {
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: options.clientId,
    clean: options.clean ?? true,
    keepalive: options.keepAliveS,
    reconnectPeriod: 0,
    connectTimeout: NEVER_MS,
    resubscribe: false,
    queueQoSZero: false,
    timerVariant: onClock(clock),
    ...(will && {
      will: {
        topic: will.topic,
        payload: typeof will.payload === 'string' ? Buffer.from(will.payload) : will.payload,
        qos: will.qos ?? 1,
        retain: will.retain,
      },
    }),
  };
}

/** MQTT.js sets one repeating timer, for its keep-alive. */
function onClock(clock: Clock): NonNullable<Exclude<IClientOptions['timerVariant'], string>> {
  const timers = new Map<number, Timer>();
  let last = 0;
  return {
    set: (callback, everyMs = 0) => {
      last += 1;
      const id = last;
      const arm = (): void => {
        timers.set(
          id,
          clock.after(everyMs, () => {
            arm();
            callback();
          }),
        );
      };
      arm();
      return id;
    },
    clear: (id) => {
      if (typeof id !== 'number') return;
      timers.get(id)?.cancel();
      timers.delete(id);
    },
  };
}
