import { memoryStore, type ServerStore } from './server-store.ts';

/** A backup in memory: what a store has now, and nothing that comes to it later. For rehearsals. */
export function copyStore(from: ServerStore): ServerStore {
  const copy = memoryStore();
  for (const lost of from.records.lost()) copy.records.giveUp(lost);
  for (const record of from.records.records()) copy.records.append(record);
  for (const release of from.releases.releases()) {
    const content = from.releases.content(release.manifest.digest);
    if (content !== undefined) copy.releases.add(release, content);
  }
  for (const document of from.documents.documents()) copy.documents.add(document);
  for (const change of from.adoption.changes()) copy.adoption.note(change);
  for (const pump of from.adoption.pumps()) copy.adoption.put(pump);
  for (const rollout of from.rollouts.rollouts()) copy.rollouts.save(rollout);
  return copy;
}
