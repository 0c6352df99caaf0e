import type { Store } from './store.ts';

/** The in-memory twin of the folder. */
export interface MemoryStore extends Store {
  /** Another store with the same in it; what is written to one is not in the other. */
  copy(): MemoryStore;
}

export function memoryStore(): MemoryStore {
  return storeOf(new Map(), new Map());
}

function storeOf(documents: Map<string, string>, inner: Map<string, MemoryStore>): MemoryStore {
  const list = (folder: string): string[] =>
    [...documents.keys()]
      .filter((name) => name.startsWith(`${folder}/`))
      .map((name) => name.slice(folder.length + 1));
  return {
    where: (name) => `memory:${name}`,
    top: () => [...new Set([...documents.keys()].map((name) => name.replace(/\/.*/, '')))],
    list,
    read: (name) => documents.get(name),
    write: (name, text) => {
      documents.set(name, text);
    },
    claim: (name) => {
      if (documents.has(name)) return false;
      documents.set(name, '');
      return true;
    },
    createFolder: (folder, files) => {
      if (list(folder).length > 0) return false;
      for (const [name, text] of files) documents.set(`${folder}/${name}`, text);
      return true;
    },
    within: (folder) => {
      const store = inner.get(folder) ?? memoryStore();
      inner.set(folder, store);
      return store;
    },
    copy: () =>
      storeOf(new Map(documents), new Map([...inner].map(([folder, store]) => [folder, store.copy()]))),
  };
}
