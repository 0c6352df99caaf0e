import { connect, type TLSSocket } from 'node:tls';
import { generate } from 'mqtt-packet';
import { type Frame, PACKET, readFrame } from '../../../broker/wire/framing.ts';

/** What a client shows, in PEM. */
export interface Shown {
  readonly chainPem: string;
  readonly privateKeyPem: string;
  readonly rootPem: string;
}

/** A connection on which packets are written as bytes: it costs its process next to nothing. */
export interface WireClient {
  readonly socket: TLSSocket;
  packet: (frame: Frame, bytes: Buffer) => void;
}

/** `tls.connect` with its own secure context, CONNECT, and CONNACK; OpenSSL checks the server. */
export function openWire(port: number, shown: Shown, clientId: string): Promise<WireClient> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      cert: shown.chainPem,
      key: shown.privateKeyPem,
      ca: shown.rootPem,
    });
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`${clientId}: the connection closed`)));
    const client: WireClient = {
      socket,
      packet: (frame, bytes) => {
        if (frame.type !== PACKET.connack || bytes[frame.bodyStart + 1] !== 0) {
          return reject(new Error(`${clientId} was refused`));
        }
        resolve(client);
      },
    };
    let rest: Buffer | undefined;
    socket.on('data', (chunk) => {
      const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      for (;;) {
        const frame = readFrame(bytes, at);
        if (typeof frame === 'string' || frame.end > bytes.length) break;
        client.packet(frame, bytes);
        at = frame.end;
      }
      rest = at === bytes.length ? undefined : bytes.subarray(at);
    });
    socket.once('secureConnect', () => {
      socket.write(
        generate({
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clean: true,
          clientId,
          keepalive: 0,
        }),
      );
    });
  });
}
