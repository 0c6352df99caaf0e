import { Readable } from 'node:stream';

interface Retained {
  readonly topic: string;
  readonly payload: { readonly length: number };
}

/** What of Aedes' persistence finds retained messages. */
interface RetainedStore {
  storeRetained(packet: Retained): Promise<unknown>;
  createRetainedStreamCombi(filters: readonly string[]): Readable;
}

/**
 * Finds the retained message of a topic by its name. Aedes' memory tries every retained message against every filter of a SUBSCRIBE: ten
 * thousand pumps, each with a retained status and filters of its own, would cost the square of their number to connect.
 * A filter with wildcards is still looked for by Aedes. Known limit: it holds a second reference to each retained packet.
 *
 * @throws TypeError if it is no persistence, as another version of Aedes may have it
 */
export function findRetainedByName(persistence: unknown): void {
  if (!isRetainedStore(persistence))
    throw new TypeError('Aedes has no persistence of the kind that is known');
  const store = persistence.storeRetained.bind(persistence);
  const search = persistence.createRetainedStreamCombi.bind(persistence);
  const byName = new Map<string, Retained>();

  persistence.storeRetained = (packet) => {
    // [MQTT-3.3.1-10]
    if (packet.payload.length === 0) byName.delete(packet.topic);
    // A copy, as Aedes keeps one: the packet goes on its way and is changed there.
    else byName.set(packet.topic, { ...packet });
    return store(packet);
  };
  persistence.createRetainedStreamCombi = (filters) =>
    filters.some((filter) => /[+#]/.test(filter))
      ? search(filters)
      : Readable.from(filters.flatMap((name) => byName.get(name) ?? []));
}

function isRetainedStore(value: unknown): value is RetainedStore {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['storeRetained', 'createRetainedStreamCombi'].every(
      (name) => typeof Reflect.get(value, name) === 'function',
    )
  );
}
