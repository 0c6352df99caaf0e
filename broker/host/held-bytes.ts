/** What a broker holds for later, and from when on it is too much. */
export class HeldBytes {
  readonly #most: number;
  readonly #exhausted: () => void;
  /** Topic → bytes. */
  readonly #retained = new Map<string, number>();
  /** Client id → packet identifier → bytes of a QoS 2 message that was not released [MQTT 4.3.3]. */
  readonly #unreleased = new Map<string, Map<number, number>>();
  #bytes = 0;
  #told = false;

  /** @param exhausted called once */
  constructor(most: number, exhausted: () => void) {
    this.#most = most;
    this.#exhausted = exhausted;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Nothing is retained of an empty payload [MQTT-3.3.1-10]. */
  retain(topic: string, bytes: number): void {
    this.#change(bytes - (this.#retained.get(topic) ?? 0));
    if (bytes === 0) this.#retained.delete(topic);
    else this.#retained.set(topic, bytes);
  }

  receive(clientId: string, packetId: number, bytes: number): void {
    const held = this.#unreleased.get(clientId) ?? new Map<number, number>();
    this.#unreleased.set(clientId, held);
    const change = bytes - (held.get(packetId) ?? 0);
    held.set(packetId, bytes);
    this.#change(change);
  }

  release(clientId: string, packetId: number): void {
    const held = this.#unreleased.get(clientId);
    this.#bytes -= held?.get(packetId) ?? 0;
    held?.delete(packetId);
  }

  /** A session is gone, and was not to be kept. */
  forget(clientId: string): void {
    for (const bytes of this.#unreleased.get(clientId)?.values() ?? []) this.#bytes -= bytes;
    this.#unreleased.delete(clientId);
  }

  #change(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#most || this.#told) return;
    this.#told = true;
    this.#exhausted();
  }
}
