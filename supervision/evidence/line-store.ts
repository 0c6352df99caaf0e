/** Where lines go, one after the other, never to be changed. Nothing here throws once it is open. */
export interface LineStore {
  /** The last line that was there when the store was opened and could be read; `undefined` in a new one. */
  readonly lastLine: string | undefined;
  /** Bytes of a torn last line that were set aside at opening. */
  readonly tornBytes: number;
  /** @returns false if the line could not be written; nothing of it is left then. */
  append(line: string): boolean;
  /** Makes sure that what was appended survives a loss of power, as far as the system can say. */
  flush(): void;
  close(): void;
}

/** Lines in memory, for rehearsals and tests. */
export interface MemoryLines extends LineStore {
  readonly lines: readonly string[];
  /** Whoever has the machine that keeps them can do that. */
  rewrite(lines: readonly string[]): void;
}

export function memoryLines(): MemoryLines {
  let lines: string[] = [];
  return {
    get lines() {
      return lines;
    },
    get lastLine() {
      return lines.at(-1);
    },
    rewrite(others) {
      lines = [...others];
    },
    tornBytes: 0,
    append(line) {
      lines.push(line);
      return true;
    },
    flush() {},
    close() {},
  };
}
