import { PACKET, readFrame } from './framing.ts';

/**
 * A session that comes back is handed what others say before Aedes has said CONNACK, which comes first [MQTT-3.2.0-1]: what is written
 * before it waits here.
 */
export class Greeting {
  #said = false;
  readonly #early: Buffer[] = [];

  /** What may go out now of whole packets that are written; `undefined`: nothing yet. */
  pass(packets: Buffer): Buffer | undefined {
    if (this.#said) return packets;
    for (let at = 0; at < packets.length; ) {
      const frame = readFrame(packets, at);
      if (typeof frame === 'string') break;
      if (frame.type === PACKET.connack) {
        this.#said = true;
        const before = [...this.#early.splice(0), packets.subarray(0, at)];
        return Buffer.concat([packets.subarray(at, frame.end), ...before, packets.subarray(frame.end)]);
      }
      at = frame.end;
    }
    this.#early.push(packets);
    return undefined;
  }
}
