import { packedCache } from "../packed.ts";
import type { StorageParts } from "../parts.ts";
import { checkFolder, prepareFolder } from "./folder.ts";
import { sqliteCache, sqliteJournal } from "./journal.ts";
import { openRemote, type RemoteStore } from "./remote.ts";

export interface EmbeddedParts extends StorageParts {
  /** For the queue. */
  readonly store: RemoteStore;
}

/**
 * Opens the embedded store in `folder` (absolute), or makes it; any number of processes may have it
 * open. Without `durable` a power cut may lose what was acknowledged. Rejects with `storage-full`
 * when the disk has too little room, and with `storage-unavailable` when the data cannot be opened.
 */
export async function openEmbedded(folder: string, cluster: string, durable: boolean): Promise<EmbeddedParts> {
  const file = await prepareFolder(folder);
  const store = await openRemote(folder, { file, cluster, durable });
  return {
    store,
    journal: sqliteJournal(store),
    cache: packedCache(sqliteCache(store)),
    check: () => checkFolder(folder),
    close: () => store.close(),
  };
}
