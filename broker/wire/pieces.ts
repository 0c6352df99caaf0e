/** So many pieces of a packet may wait by themselves. A piece costs some hundred bytes beside its content. */
const MOST_PIECES = 64;
const NOTHING = Buffer.alloc(0);

/** Bytes of a packet that has not come whole yet, in the pieces in which they came. */
export class Pieces {
  #pieces: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#pieces.length > MOST_PIECES) this.#join();
  }

  /** All of them, one behind the other. */
  whole(): Buffer {
    return this.#pieces.length === 1 ? (this.#pieces[0] ?? NOTHING) : Buffer.concat(this.#pieces);
  }

  /** Only this is left. */
  keep(rest: Buffer): void {
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
  }

  clear(): void {
    this.keep(NOTHING);
  }

  /** Joins the last pieces, each with what came behind it once that is as long: no byte is copied more often than sizes double. */
  #join(): void {
    let bytes = 0;
    const joined: Buffer[] = [];
    for (let last = this.#pieces.at(-1); last !== undefined; last = this.#pieces.at(-1)) {
      if (bytes > 0 && last.length > bytes) break;
      bytes += last.length;
      joined.unshift(last);
      this.#pieces.pop();
    }
    this.#pieces.push(Buffer.concat(joined));
  }
}
