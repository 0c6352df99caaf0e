import type { Clock, Timer } from '../../clock/index.ts';
import { type Composer, chunksFor, type Link, type Serial, topicName } from '../../protocol/index.ts';

/** One request asks for so much; the server sends no more at once. */
const CHUNK_BYTES = 64 * 1024;
/** How long a chunk may take before it is asked for again. */
const PATIENCE_MS = 20_000;
/** After so many questions without an answer it is judged by what came, which the digest will refute. */
const MOST_QUESTIONS = 6;
/** The largest artefact that a pump has room for. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/**
 * Fetches one artefact in chunks, and goes on where it was after the link was lost. The digest decides whether the bytes are
 * those that were released; who released them is judged afterwards.
 */
export class ArtifactFetch {
  readonly digest: string;
  /** Of the release that it is for. */
  readonly version: string;
  readonly #sizeBytes: number;
  readonly #serial: Serial;
  readonly #clock: Clock;
  readonly #composer: Composer;
  readonly #done: (bytes: Buffer) => void;
  readonly #parts: Buffer[] = [];
  #receivedBytes = 0;
  #link: Link | undefined;
  #timer: Timer | undefined;
  #questions = 0;

  constructor(options: {
    readonly digest: string;
    readonly version: string;
    readonly sizeBytes: number;
    readonly serial: Serial;
    readonly clock: Clock;
    readonly composer: Composer;
    /** Called once, with all bytes, whatever their digest is. */
    readonly done: (bytes: Buffer) => void;
  }) {
    this.digest = options.digest;
    this.version = options.version;
    this.#sizeBytes = Math.min(options.sizeBytes, LARGEST_BYTES);
    this.#serial = options.serial;
    this.#clock = options.clock;
    this.#composer = options.composer;
    this.#done = options.done;
  }

  /** The link is up: subscribe, and ask for what is missing. */
  online(link: Link): void {
    this.#link = link;
    link.subscribe(chunksFor(this.digest, this.#serial), 1).then(
      () => this.#ask(),
      () => undefined, // the link is gone: the next one asks again
    );
  }

  offline(): void {
    this.#link = undefined;
    this.#timer?.cancel();
  }

  /** A chunk came. One that does not continue what is there is ignored: it was asked for twice. */
  chunk(offset: number, bytes: Buffer): void {
    if (offset !== this.#receivedBytes || bytes.length === 0) return;
    if (this.#receivedBytes + bytes.length > this.#sizeBytes) return;
    this.#parts.push(bytes);
    this.#receivedBytes += bytes.length;
    this.#questions = 0;
    if (this.#receivedBytes < this.#sizeBytes) this.#ask();
    else this.#finish();
  }

  #finish(): void {
    this.#timer?.cancel();
    this.#link = undefined;
    this.#done(Buffer.concat(this.#parts));
  }

  #ask(): void {
    this.#timer?.cancel();
    if (this.#link === undefined) return;
    if (this.#questions >= MOST_QUESTIONS) return this.#finish();
    this.#questions += 1;
    const message = this.#composer.compose('artifact-request', {
      offset: this.#receivedBytes,
      length: Math.min(CHUNK_BYTES, this.#sizeBytes - this.#receivedBytes),
    });
    const topic = topicName({ kind: 'artifact-request', digest: this.digest, serial: this.#serial });
    this.#link.publish(topic, JSON.stringify(message), { qos: 1 }).catch(() => undefined);
    this.#timer = this.#clock.after(PATIENCE_MS, () => this.#ask());
  }
}
