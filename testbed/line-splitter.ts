/** One message is a line, and no line is longer than this, in bytes. */
export const LONGEST_LINE_BYTES = 65_536;

/**
 * Cuts a stream of bytes into lines. A line that is too long is dropped to its end and reported once, so that nobody can make
 * this process keep more than one line for them.
 */
export class LineSplitter {
  #parts: Buffer[] = [];
  #bytes = 0;
  #overlong = false;

  /** @returns the lines that end within these bytes, in order; `null` stands for one that was too long */
  take(bytes: Buffer): (string | null)[] {
    const lines: (string | null)[] = [];
    let from = 0;
    for (let end = bytes.indexOf(LF, from); end !== -1; end = bytes.indexOf(LF, from)) {
      this.#keep(bytes.subarray(from, end));
      lines.push(this.#finish());
      from = end + 1;
    }
    this.#keep(bytes.subarray(from));
    return lines;
  }

  /** What came after the last line end, once there is no more. */
  rest(): (string | null)[] {
    return this.#bytes === 0 && !this.#overlong ? [] : [this.#finish()];
  }

  #keep(part: Buffer): void {
    if (this.#overlong) return;
    this.#bytes += part.length;
    if (this.#bytes <= LONGEST_LINE_BYTES) {
      // A copy: the chunk is larger than what is kept of it.
      if (part.length > 0) this.#parts.push(Buffer.from(part));
      return;
    }
    this.#overlong = true;
    this.#parts = [];
  }

  #finish(): string | null {
    const line = this.#overlong ? null : Buffer.concat(this.#parts).toString('utf8').replace(/\r$/, '');
    this.#parts = [];
    this.#bytes = 0;
    this.#overlong = false;
    return line;
  }
}

const LF = 0x0a;
