import type { ClusterReader } from "../../ports/cluster.ts";

/**
 * The answer of `ask` for each key, asked again only when the last one is older than `forMs`, or
 * was a failure.
 */
export function remembered<T>(
  forMs: number,
  monotonicMs: () => number,
): (key: string, ask: () => Promise<T>) => Promise<T> {
  const answers = new Map<string, { readonly answer: Promise<T>; readonly atMs: number }>();
  return (key, ask) => {
    const nowMs = monotonicMs();
    const last = answers.get(key);
    if (last !== undefined && nowMs <= last.atMs + forMs) return last.answer;
    for (const [old, { atMs }] of answers) if (nowMs > atMs + forMs) answers.delete(old);
    const made = { answer: ask(), atMs: nowMs };
    answers.set(key, made);
    made.answer.catch(() => {
      if (answers.get(key) === made) answers.delete(key);
    });
    return made.answer;
  };
}

/**
 * A reader whose lists may be `forMs` old: for pages, which anybody may ask for as often as they
 * like. Never for what decides about an injection.
 */
export function unhurried(cluster: ClusterReader, forMs: number, monotonicMs = () => performance.now()): ClusterReader {
  const snapshots = remembered<Awaited<ReturnType<ClusterReader["snapshot"]>>>(forMs, monotonicMs);
  const namespaces = remembered<readonly string[]>(forMs, monotonicMs);
  return {
    ...cluster,
    // a copy: with the answer itself the reader keeps what a last look goes on from
    snapshot: (names, signal) => snapshots(names.join(), async () => ({ ...(await cluster.snapshot(names, signal)) })),
    namespaces: (signal) => namespaces("", () => cluster.namespaces(signal)),
  };
}

/** A number for each object that was seen: equal for the same one. */
export function generations(): (object: object) => number {
  const seen = new WeakMap<object, number>();
  let last = 0;
  return (object) => {
    const known = seen.get(object) ?? ++last;
    seen.set(object, known);
    return known;
  };
}

/** What `make` gave last, for as long as `source` gives the same object. */
export function whileSame<T>(source: () => Promise<object>, make: () => Promise<T>): () => Promise<T> {
  let kept: { readonly of: object; readonly made: Promise<T> } | null = null;
  return async () => {
    const of = await source();
    if (kept?.of !== of) {
      const fresh = { of, made: make() };
      kept = fresh;
      fresh.made.catch(() => {
        if (kept === fresh) kept = null;
      });
    }
    return kept.made;
  };
}
