import { compactState } from "../../core/experiment/compact.ts";
import { ENDED, hasOpenDamage, replay } from "../../core/experiment/life.ts";
import type { ExperimentEvent, ExperimentState } from "../../core/model/experiment.ts";
import { experimentStream } from "../../core/model/journal.ts";
import { hitKey } from "../../core/report/weekly/input.ts";
import type { Journal } from "../../ports/journal.ts";

/**
 * Ended experiments kept as they are, for who asks for one again soon; they never change. One over
 * 300 services takes half a MiB.
 */
const REMEMBERED = 4;
/**
 * Those that were looked through are kept compact and packed, at two to four KiB each: three months
 * of 24 a day, which every choice of a target looks through.
 */
const REMEMBERED_COMPACT = 2_500;
/** Of two years of 24 a day it is kept whom they hit, and when. */
const REMEMBERED_HITS = 20_000;
/** Experiments that are read at once. */
const AT_ONCE = 8;

/** Makes bytes fewer for as long as they are kept in memory. */
export interface Packing {
  pack(bytes: Uint8Array): Promise<Uint8Array>;
  unpack(bytes: Uint8Array): Promise<Uint8Array>;
}

const NO_PACKING: Packing = { pack: async (bytes) => bytes, unpack: async (bytes) => bytes };

/** Reads experiments out of the journal. */
export interface Book {
  /** The experiment's state; phase `new` when it was never planned. */
  experiment(id: string): Promise<ExperimentState>;
  /**
   * Experiments whose slot lies in `[fromMs, toMs)`, oldest first. Of those that have ended the
   * verdicts on services that did not get worse and had nothing to do with it are missing:
   * `experiment` has them.
   */
  between(fromMs: number, toMs: number): Promise<readonly ExperimentState[]>;
  /** The last `limit` of `between`. */
  newest(limit: number, fromMs: number, toMs: number): Promise<readonly ExperimentState[]>;
  /** Ids of `between`, without reading any. */
  ids(fromMs: number, toMs: number): Promise<readonly string[]>;
  /** These experiments as `between` has them, in this order. */
  some(ids: readonly string[]): Promise<readonly ExperimentState[]>;
  /** When the experiments of `between` last hit each workload, by its key; shams hit nothing. */
  lastHits(fromMs: number, toMs: number): Promise<ReadonlyMap<string, number>>;
  /** Those that have not ended, oldest first. */
  open(): Promise<readonly ExperimentState[]>;
  /** Those whose damage is still there. */
  damaged(): Promise<readonly ExperimentState[]>;
}

/** What was hit, and when; null when nothing was. */
type Hit = { readonly key: string; readonly atMs: number } | null;

const idOf = (stream: string): string => stream.slice(experimentStream("").length);

export function bookOf(journal: Journal, { pack, unpack }: Packing = NO_PACKING): Book {
  const ended = new Map<string, ExperimentState>();
  const compact = new Map<string, Uint8Array>();
  const hits = new Map<string, Hit>();

  async function read(id: string): Promise<ExperimentState> {
    const known = ended.get(id);
    if (known) return known;
    const entries = await journal.read(experimentStream(id));
    const state = replay(entries.map((entry) => entry.event as ExperimentEvent));
    if (hasEnded(state)) keep(hits, id, hitOf(state), REMEMBERED_HITS);
    return state;
  }

  async function experiment(id: string): Promise<ExperimentState> {
    const state = await read(id);
    if (hasEnded(state)) keep(ended, id, state, REMEMBERED);
    return state;
  }

  async function looked(id: string): Promise<ExperimentState> {
    const packed = compact.get(id);
    if (packed) return JSON.parse(new TextDecoder().decode(await unpack(packed)));
    const state = await read(id);
    if (!hasEnded(state)) return state;
    const small = compactState(state);
    keep(compact, id, await pack(new TextEncoder().encode(JSON.stringify(small))), REMEMBERED_COMPACT);
    return small;
  }

  const streamsOf = (fromMs: number, toMs: number) => journal.list("experiment", fromMs, toMs);
  const open = async () => each(await journal.listOpen("experiment"), looked);
  return {
    experiment,
    open,
    between: async (fromMs, toMs) => each(await streamsOf(fromMs, toMs), looked),
    newest: async (limit, fromMs, toMs) => each((await streamsOf(fromMs, toMs)).slice(-limit), looked),
    ids: async (fromMs, toMs) => (await streamsOf(fromMs, toMs)).map(idOf),
    some: (ids) => each(ids.map(experimentStream), looked),
    async lastHits(fromMs, toMs) {
      const found = await each(await streamsOf(fromMs, toMs), async (id) => {
        const known = hits.get(id);
        return known === undefined ? hitOf(await read(id)) : known;
      });
      return new Map(found.flatMap((hit) => (hit === null ? [] : [[hit.key, hit.atMs]])));
    },
    damaged: async () => (await open()).filter(hasOpenDamage),
  };
}

const hasEnded = ({ phase }: ExperimentState): boolean => ENDED.includes(phase);

function hitOf(state: ExperimentState): Hit {
  const key = hitKey(state);
  return key === null || state.t0Ms === null ? null : { key, atMs: state.t0Ms };
}

/** Keeps `value`, and at most `most` of the newest in all. */
function keep<T>(known: Map<string, T>, id: string, value: T, most: number): void {
  known.set(id, value);
  const [oldest] = known.size > most ? known.keys() : [];
  if (oldest !== undefined) known.delete(oldest);
}

/** `look` at each stream's experiment, a few at once; answers in the order of `streams`. */
async function each<T>(streams: readonly string[], look: (id: string) => Promise<T>): Promise<readonly T[]> {
  const seen: T[] = [];
  for (let from = 0; from < streams.length; from += AT_ONCE)
    seen.push(...(await Promise.all(streams.slice(from, from + AT_ONCE).map((stream) => look(idOf(stream))))));
  return seen;
}
