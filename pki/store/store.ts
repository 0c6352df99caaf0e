/**
 * Where a PKI keeps its documents. A name is `folder/file`, or a file at the top. Every document is there whole or not
 * at all, whatever happens while it is written.
 */
export interface Store {
  /** A name as a user would look for it. */
  where(name: string): string;
  /** The names at the top, files and folders. */
  top(): readonly string[];
  /** The files of a folder, without the folder's name; none if it is not there. */
  list(folder: string): readonly string[];
  /** @returns `undefined` if it is not there; throws PR_PKI_UNREADABLE if it may not be read. */
  read(name: string): string | undefined;
  /**
   * Writes or replaces a document. Throws PR_DISK.
   * @param durable wait until it would survive a power cut; otherwise it survives the end of the process only.
   */
  write(name: string, text: string, durable: boolean): void;
  /**
   * Makes an empty document whose name is all that it says. Throws PR_DISK.
   * @returns false if it is there: of several processes one alone has claimed it.
   */
  claim(name: string): boolean;
  /**
   * Makes a folder with all its files at once. Throws PR_DISK.
   * @returns false, without writing, if the folder is there, also if another process has made it just now.
   */
  createFolder(folder: string, files: ReadonlyMap<string, string>): boolean;
  /** A store of its own in a folder of this one. */
  within(folder: string): Store;
}
