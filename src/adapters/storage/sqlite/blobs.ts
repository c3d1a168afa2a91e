import type { StoreCalls } from "./calls.ts";
import type { Connection } from "./connection.ts";

type BlobCalls = Pick<StoreCalls, "load" | "save" | "discard" | "names">;

/** The blobs of one cluster's cache. */
export function blobCalls({ database, read, write }: Connection, cluster: string): BlobCalls {
  const load = database.prepare("SELECT bytes FROM blob WHERE cluster = ? AND name = ?");
  const save = database.prepare(
    "INSERT INTO blob (cluster, name, bytes) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes",
  );
  const discard = database.prepare("DELETE FROM blob WHERE cluster = ? AND name = ?");
  const names = database.prepare(
    "SELECT name FROM blob WHERE cluster = ?1 AND substr(name, 1, length(?2)) = ?2 ORDER BY name",
  );
  return {
    load: (name) => read(() => (load.get(cluster, name)?.bytes as Uint8Array | undefined) ?? null),
    save: (name, bytes) => write(() => void save.run(cluster, name, bytes)),
    discard: (name) => write(() => void discard.run(cluster, name)),
    names: (prefix) => read(() => names.all(cluster, prefix).map(({ name }) => String(name))),
  };
}
