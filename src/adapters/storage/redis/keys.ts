import type { StreamKind } from "../../../core/model/journal.ts";

/**
 * Names of our keys. All of one cluster carry one hash tag, hence lie in one slot of a Redis
 * Cluster.
 */
export interface Keys {
  /** What every key begins with, the queue's too. */
  readonly prefix: string;
  stream(name: string): string;
  index(kind: StreamKind): string;
  open(kind: StreamKind): string;
  readonly cache: string;
}

/** https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags */
export function keysOf(cluster: string): Keys {
  const prefix = `{aftershock:${encodeURIComponent(cluster)}}`;
  return {
    prefix,
    stream: (name) => `${prefix}:stream:${name}`,
    index: (kind) => `${prefix}:index:${kind}`,
    open: (kind) => `${prefix}:open:${kind}`,
    cache: `${prefix}:cache`,
  };
}
