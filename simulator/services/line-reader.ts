/** What came of a chunk: whole lines, and whether what is unfinished has become longer than a line may be. */
export interface ReadLines {
  readonly lines: readonly string[];
  readonly tooLong: boolean;
}

const NEWLINE = 0x0a;

/** Cuts a stream of bytes into lines, which end with LF or CRLF. It never keeps more than one line may have. */
export class LineReader {
  readonly #longestBytes: number;
  #pieces: Buffer[] = [];
  #keptBytes = 0;
  #over = false;

  constructor(longestBytes: number) {
    this.#longestBytes = longestBytes;
  }

  /** Lines from here on; after one that is too long there is none any more. */
  push(chunk: Buffer): ReadLines {
    const lines: string[] = [];
    let from = 0;
    while (!this.#over) {
      const end = chunk.indexOf(NEWLINE, from);
      const piece = chunk.subarray(from, end === -1 ? undefined : end);
      this.#keptBytes += piece.length;
      if (this.#keptBytes > this.#longestBytes) {
        this.#over = true;
        this.#pieces = [];
        break;
      }
      this.#pieces.push(piece);
      if (end === -1) break;
      lines.push(Buffer.concat(this.#pieces).toString('utf8').replace(/\r$/, ''));
      this.#pieces = [];
      this.#keptBytes = 0;
      from = end + 1;
    }
    return { lines, tooLong: this.#over };
  }
}
