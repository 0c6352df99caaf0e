import type { Socket } from 'node:net';
import type { WatchedSocket } from '../../clock/index.ts';
import type { Gate } from '../wire/gate.ts';

/** A socket as a lockstep watches it, which knows of the gate before it whether only the Clock lets more in, and what waits in it
 * for the end of the turn. */
export function watchedEnd(socket: Socket, gate: Gate): WatchedSocket {
  return {
    get bytesRead() {
      return socket.bytesRead;
    },
    get bytesWritten() {
      return socket.bytesWritten;
    },
    get readableLength() {
      return socket.readableLength;
    },
    get writableLength() {
      return socket.writableLength + gate.writableLength;
    },
    get heldBack() {
      return gate.heldBack;
    },
    get closed() {
      return socket.closed;
    },
    localAddress: socket.localAddress,
    localPort: socket.localPort,
    remoteAddress: socket.remoteAddress,
    remotePort: socket.remotePort,
    once: (event, listener) => socket.once(event, listener),
  };
}
