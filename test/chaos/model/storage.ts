import type { ExperimentEvent } from "../../../src/core/model/experiment.ts";
import type { JournalEntry } from "../../../src/core/model/journal.ts";
import type { StorageAsk } from "./environment.ts";
import type { Entry } from "./history.ts";
import type { Machine } from "./machine.ts";
import type { VirtualTime } from "./time.ts";

interface Stream {
  entries: readonly JournalEntry[];
  indexMs: number;
  open: boolean;
}
interface Job {
  readonly key: string;
  readonly atMs: number;
  state: "waiting" | "handed";
}
interface Taker {
  readonly machine: Machine;
  readonly handler: (key: string) => Promise<void>;
}

/** A job of a worker that is gone, or that failed, is handed out again after this. */
const STALLED_MS = 30_000;
const AGAIN_MS = 2_000;
const BUSY_MS = 500;
const EXPERIMENT = "experiment/";

/** Why the storage refuses. */
export class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/**
 * Journal and queue of one server. Everything that was changed after a moment can be undone, as by
 * a Redis that comes back without its last seconds.
 */
export class Storage {
  readonly #time: VirtualTime;
  readonly #write: (entry: Entry) => void;
  readonly #streams = new Map<string, Stream>();
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #jobs = new Map<string, Job>();
  readonly #busy = new Set<string>();
  readonly #undo: { readonly atMs: number; readonly back: () => void }[] = [];
  readonly #takers: Taker[] = [];
  #turn = 0;

  constructor(time: VirtualTime, write: (entry: Entry) => void) {
    this.#time = time;
    this.#write = write;
  }

  do(ask: StorageAsk, by: string): unknown {
    switch (ask.do) {
      case "append":
        return this.#append(ask, by);
      case "read":
        return this.#streams.get(ask.stream)?.entries ?? [];
      case "list":
        return this.#named(ask.kind, ({ indexMs }) => ask.fromMs <= indexMs && indexMs < ask.toMs);
      case "listOpen":
        return this.#named(ask.kind, ({ open }) => open);
      case "load":
        return this.#blobs.get(ask.name) ?? null;
      case "save":
        return void this.#blobs.set(ask.name, ask.bytes);
      case "wake":
        return this.#wake(ask.key, ask.atMs, by);
    }
  }

  /** All events of one experiment. */
  events(id: string): readonly ExperimentEvent[] {
    return (this.#streams.get(`${EXPERIMENT}${id}`)?.entries ?? []).map(({ event }) => event as ExperimentEvent);
  }

  experiments(): readonly string[] {
    return this.#named("experiment", () => true).map((name) => name.slice(EXPERIMENT.length));
  }

  /** Forgets all changes of the last `ms`. */
  rollBack(ms: number): void {
    const toMs = this.#time.nowMs - ms;
    for (let last = this.#undo.at(-1); last !== undefined && last.atMs > toMs; last = this.#undo.at(-1)) {
      this.#undo.pop();
      last.back();
    }
    this.#write({ atMs: this.#time.nowMs, by: "storage", on: "storage", toMs });
  }

  /** Work for `machine` from now on, until what is answered is called. */
  take(machine: Machine, handler: (key: string) => Promise<void>): () => void {
    const taker: Taker = { machine, handler };
    this.#takers.push(taker);
    for (const [id, job] of this.#jobs) this.#schedule(id, job.atMs - this.#time.nowMs);
    return () => void this.#takers.splice(this.#takers.indexOf(taker), 1);
  }

  #append(ask: Extract<StorageAsk, { do: "append" }>, by: string): void {
    const { stream, afterSeq, events, atMs, indexMs, open } = ask;
    const before = this.#streams.get(stream);
    if ((before?.entries.length ?? 0) !== afterSeq) throw new Refused("journal-conflict");
    const added = events.map((event, i): JournalEntry => ({ stream, seq: afterSeq + i + 1, atMs, event }));
    this.#streams.set(stream, {
      entries: [...(before?.entries ?? []), ...structuredClone(added)],
      indexMs: before?.indexMs ?? indexMs,
      open,
    });
    this.#undoWith(() => (before === undefined ? this.#streams.delete(stream) : this.#streams.set(stream, before)));
    if (!stream.startsWith(EXPERIMENT)) return;
    const id = stream.slice(EXPERIMENT.length);
    for (const { seq, event } of added)
      this.#write({ atMs: this.#time.nowMs, by, on: "journal", id, seq, event: event as ExperimentEvent });
  }

  #named(kind: string, keep: (stream: Stream) => boolean): string[] {
    return [...this.#streams]
      .filter(([name, stream]) => name.startsWith(`${kind}/`) && keep(stream))
      .toSorted(([a, one], [b, other]) => one.indexMs - other.indexMs || a.localeCompare(b))
      .map(([name]) => name);
  }

  #wake(key: string, atMs: number, by: string): void {
    const id = `${key}@${atMs}`;
    if (this.#jobs.has(id)) return;
    this.#jobs.set(id, { key, atMs, state: "waiting" });
    this.#undoWith(() => this.#jobs.delete(id));
    this.#write({ atMs: this.#time.nowMs, by, on: "queue", state: "asked", key });
    this.#schedule(id, atMs - this.#time.nowMs);
  }

  #schedule(id: string, ms: number): void {
    this.#time.later(ms, () => this.#hand(id));
  }

  #hand(id: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined || job.state !== "waiting") return;
    if (this.#busy.has(job.key)) return void this.#schedule(id, BUSY_MS);
    const ready = this.#takers.filter(({ machine }) => machine.alive && !machine.stopped);
    const taker = ready[this.#turn++ % Math.max(1, ready.length)];
    if (taker === undefined) return; // whoever comes next takes it
    job.state = "handed";
    this.#busy.add(job.key);
    this.#undoWith(() => {
      this.#busy.delete(job.key);
      this.#giveBack(id, job);
    });
    const { machine, handler } = taker;
    this.#write({ atMs: this.#time.nowMs, by: machine.name, on: "queue", state: "handed", key: job.key });
    let over = false;
    const end = (done: boolean): void => {
      if (over) return;
      over = true;
      this.#busy.delete(job.key);
      if (done && this.#jobs.get(id) === job) {
        this.#jobs.delete(id);
        this.#undoWith(() => this.#giveBack(id, job));
        this.#write({ atMs: this.#time.nowMs, by: machine.name, on: "queue", state: "done", key: job.key });
      } else if (!done) {
        job.state = "waiting";
        this.#schedule(id, AGAIN_MS);
      }
    };
    const watch = (): void => {
      if (over) return;
      if (machine.alive) this.#time.later(STALLED_MS, watch);
      else end(false);
    };
    watch();
    machine.reach(() =>
      handler(job.key).then(
        () => end(true),
        () => end(false),
      ),
    );
  }

  #giveBack(id: string, job: Job): void {
    job.state = "waiting";
    this.#jobs.set(id, job);
    this.#schedule(id, AGAIN_MS);
  }

  #undoWith(back: () => unknown): void {
    this.#undo.push({ atMs: this.#time.nowMs, back: () => void back() });
  }
}
