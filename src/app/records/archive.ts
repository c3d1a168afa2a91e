import type { Counted } from "../../core/experiment/abort.ts";
import type { CallEdge, ClusterSnapshot } from "../../core/model/cluster.ts";
import { describeError } from "../../core/model/error.ts";
import type { Observation } from "../../core/model/series.ts";
import type { ServiceBands } from "../../core/observe/band.ts";
import { decodeObservation, encodeObservation } from "../../core/observe/history-codec.ts";
import type { JudgedFrom } from "../../core/observe/judged-from.ts";
import type { Cache } from "../../ports/journal.ts";
import type { Log } from "../../ports/log.ts";

/** When a snapshot of the cluster was taken. */
export type Moment = "before" | "after";

/**
 * What an experiment saw, kept beside the journal for diagnosis, `explain` and charts. Losing it
 * loses no verdict.
 */
export interface Archive {
  keepSnapshot(id: string, moment: Moment, snapshot: ClusterSnapshot): Promise<void>;
  snapshot(id: string, moment: Moment): Promise<ClusterSnapshot | null>;
  keepEdges(id: string, edges: readonly CallEdge[]): Promise<void>;
  /** Empty when none were kept. */
  edges(id: string): Promise<readonly CallEdge[]>;
  /** What the abort rule compares with. */
  keepBaseline(id: string, before: readonly Counted[]): Promise<void>;
  baseline(id: string): Promise<readonly Counted[] | null>;
  keepObservation(id: string, observation: Observation): Promise<void>;
  observation(id: string): Promise<Observation | null>;
  /** What is normal at this hour for services whose charts are drawn. */
  keepBands(id: string, bands: readonly ServiceBands[]): Promise<void>;
  /** Empty when none were kept. */
  bands(id: string): Promise<readonly ServiceBands[]>;
  /** What the verdict was made from besides that. */
  keepJudgedFrom(id: string, from: JudgedFrom): Promise<void>;
  judgedFrom(id: string): Promise<JudgedFrom | null>;
  /** Where an annotation of it is kept, and what it said last. */
  keepAnnotation(id: string, note: AnnotationNote): Promise<void>;
  annotation(id: string): Promise<AnnotationNote | null>;
  /** Removes what belongs to experiments for which `old` holds; answers how many blobs went. */
  forget(old: (id: string) => boolean): Promise<number>;
}

/** An annotation as it was written last. */
export interface AnnotationNote {
  readonly number: number;
  readonly said: string;
}

const PREFIX = "seen/";

export function archiveIn(cache: Cache, log: Log): Archive {
  const save = async (name: string, bytes: Uint8Array): Promise<void> => {
    try {
      await cache.save(name, bytes);
    } catch (cause) {
      log.warn("could not keep what an experiment saw", { name, why: describeError(cause) });
    }
  };
  const saveJson = (name: string, value: unknown) => save(name, new TextEncoder().encode(JSON.stringify(value)));
  const loadJson = async <T>(name: string): Promise<T | null> => {
    const bytes = await cache.load(name);
    return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as T);
  };
  return {
    keepSnapshot: (id, moment, snapshot) => saveJson(`${PREFIX}${id}/${moment}`, snapshot),
    snapshot: (id, moment) => loadJson<ClusterSnapshot>(`${PREFIX}${id}/${moment}`),
    keepEdges: (id, edges) => saveJson(`${PREFIX}${id}/edges`, edges),
    edges: async (id) => (await loadJson<readonly CallEdge[]>(`${PREFIX}${id}/edges`)) ?? [],
    keepBaseline: (id, before) => saveJson(`${PREFIX}${id}/baseline`, before),
    baseline: (id) => loadJson<readonly Counted[]>(`${PREFIX}${id}/baseline`),
    keepObservation: (id, observation) => save(`${PREFIX}${id}/counts`, encodeObservation(observation)),
    observation: async (id) => {
      const bytes = await cache.load(`${PREFIX}${id}/counts`);
      return bytes === null ? null : decodeObservation(bytes);
    },
    keepBands: (id, bands) => saveJson(`${PREFIX}${id}/bands`, bands),
    bands: async (id) => (await loadJson<readonly ServiceBands[]>(`${PREFIX}${id}/bands`)) ?? [],
    keepJudgedFrom: (id, from) => saveJson(`${PREFIX}${id}/judged-from`, from),
    judgedFrom: (id) => loadJson<JudgedFrom>(`${PREFIX}${id}/judged-from`),
    keepAnnotation: (id, note) => saveJson(`${PREFIX}${id}/annotation`, note),
    annotation: (id) => loadJson<AnnotationNote>(`${PREFIX}${id}/annotation`),
    forget: async (old) => {
      const names = (await cache.names(PREFIX)).filter((name) => old(name.slice(PREFIX.length).split("/")[0] ?? ""));
      for (const name of names) await cache.remove(name);
      return names.length;
    },
  };
}
