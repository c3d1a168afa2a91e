import type { Grid } from "../../../core/model/series.ts";
import type { Samples } from "../client/matrix-reader.ts";
import type { Labels } from "../signals/classify.ts";
import type { Signals } from "../signals/signals.ts";
import { type Account, addFlags, type Book, newBook } from "./books.ts";
import { type Copies, chooseCopies, type ProxyCounters } from "./copies.ts";
import { addCounter, addTo, beganEarlier, type Holder, OUTAGE_SCRAPES, stepUntil } from "./increments.ts";
import { RawBook, type RawSeries } from "./raw-book.ts";

/** A series whose first sample lies inside the grid. */
interface Birth {
  readonly book: Book;
  readonly counts: readonly Float64Array[];
  /** As `counts`, for what may have happened in a step before. */
  readonly vague: readonly Float64Array[];
  /** Its proxy was not scraped right before: nobody knows when in the outage it was born. */
  readonly afterOutage: boolean;
  readonly flags: readonly string[];
  readonly atMs: number;
  readonly value: number;
  readonly spacingMs: number;
  readonly target: string;
  /** Since when its proxy, or the callers whose sum it is a part of, was seen. */
  readonly seenMs: number;
}

/**
 * What is known of a scraped proxy besides the counters: scrapes that worked, and when its process
 * started.
 */
export interface Proof {
  readonly firstUpMs: number | null;
  readonly startedMs: number | null;
}

/**
 * A process that started within this many scrapes before its first sample has counted nothing
 * older.
 */
const START_SCRAPES = 3;
/**
 * Most proxies whose past is looked up: when all are new, Prometheus is, and they prove nothing.
 */
const MAX_SUSPECTS = 200;
const NO_COPIES: Copies = {
  proxies: [],
  leftOut: [],
  counted: [],
  mixed: [],
  inseparable: false,
  says: [],
  summed: [],
  unclear: new Map(),
};

/**
 * Sorts raw counters into services and callers, each proxy once. The first value of a series counts
 * in full when its proxy was scraped before without it (or has just started); otherwise it may be
 * the count of a whole life, so it counts nothing and the step is not fully covered.
 */
export class Tally {
  /** By service, reporter and caller; filled by `count`. */
  readonly accounts = new Map<string, Account>();
  /** Time of the newest sample of all, ms; −∞ without samples. */
  newestMs = Number.NEGATIVE_INFINITY;
  copies: Copies = NO_COPIES;
  readonly raw: RawBook;
  private births: Birth[] = [];
  private readonly spacings = new Map<number, number>();
  private readonly grid: Grid;
  private readonly signals: Signals;

  constructor(grid: Grid, signals: Signals) {
    this.grid = grid;
    this.signals = signals;
    this.raw = new RawBook(signals);
  }

  /** A series of the request counter; a long grid is read in pieces that overlap. */
  addRequests(labels: Labels, samples: Samples): void {
    this.raw.add(labels, samples, "requests");
  }

  /** A series of a connection counter, told apart by its name. */
  addConnections(labels: Labels, samples: Samples): void {
    const { opened, closed, failed } = this.signals.connections;
    const name = labels.__name__;
    if (name === opened) this.raw.add(labels, samples, "opened");
    else if (name === closed) this.raw.add(labels, samples, "closed");
    else if (name === failed) this.raw.add(labels, samples, "failed");
  }

  /** Counts everything that was added so far, from the beginning. */
  count(): void {
    this.accounts.clear();
    this.births = [];
    this.copies = chooseCopies(this.raw);
    const pauses = new Map<Float64Array, number>();
    for (const { timesMs } of this.raw.series.values()) this.noteTimes(timesMs, pauses);
    for (const proxy of this.copies.proxies) this.countProxy(proxy);
  }

  /** Most common time between samples, ms; null before there is any. */
  spacingMs(): number | null {
    let best: number | null = null;
    let most = 0;
    for (const [spacing, times] of this.spacings) {
      if (times > most || (times === most && best !== null && spacing < best)) [best, most] = [spacing, times];
    }
    return best;
  }

  /**
   * Proxies (as `targetOf` names them) whose past decides about a birth; empty when none does, or
   * when all are new.
   */
  suspects(): readonly string[] {
    const unproven = new Set(this.births.filter((birth) => !seenBefore(birth)).map((birth) => birth.target));
    return unproven.size > MAX_SUSPECTS ? [] : [...unproven];
  }

  /** Counts every birth that is proven. Answers how many were not. */
  settle(proofs: ReadonlyMap<string, Proof>): number {
    let unproven = 0;
    for (const birth of this.births) {
      const step = stepUntil(this.grid, birth.atMs);
      if (seenBefore(birth) || isNew(birth, proofs.get(birth.target))) {
        const added = addTo(birth.counts, step, birth.value);
        if (birth.afterOutage) addTo(birth.vague, step, birth.value);
        addFlags(birth.book, birth.flags, added);
      } else if (step < this.grid.steps) {
        unproven++;
        const unseenMs = birth.atMs - (this.grid.startMs + step * this.grid.stepMs);
        birth.book.expected[step]! += Math.floor(unseenMs / birth.spacingMs);
      }
    }
    return unproven;
  }

  /** @param pauses what is known of times already: a scrape gives all its series the same */
  private noteTimes(timesMs: Float64Array, pauses: Map<Float64Array, number>): void {
    this.newestMs = Math.max(this.newestMs, timesMs.at(-1) ?? this.newestMs);
    if (timesMs.length < 3) return;
    const pauseMs = pauses.get(timesMs) ?? medianPauseMs(timesMs);
    pauses.set(timesMs, pauseMs);
    const spacing = Math.round(pauseMs / 100) * 100;
    this.spacings.set(spacing, (this.spacings.get(spacing) ?? 0) + 1);
  }

  private countProxy({ series, isSum }: ProxyCounters): void {
    const scrapedMs = union(series.map(({ timesMs }) => timesMs));
    const holder: Holder = { scrapedMs, isSum };
    for (const one of series) this.countSeries(one, holder, isSum ? scrapedMs[0]! : one.scrape.firstMs);
  }

  private countSeries(one: RawSeries, holder: Holder, seenMs: number): void {
    const book = this.bookOf(one);
    const { counts, vague, flags } = this.countedAs(one, book);
    const { expected, covered, resets, unknown } = book;
    const afterMs = this.grid.startMs;
    const tracks = { afterMs, counts, vague, expected, covered, resets, unknown };
    const { timesMs, values, scrape } = one;
    const samples = { timesMs, values, n: timesMs.length };
    const walked = addCounter(samples, this.grid, tracks, this.spacingMs() ?? this.grid.stepMs, holder);
    if (walked === null) return;
    book.series++;
    for (const label of one.lacks) book.lacks.add(label);
    addFlags(book, flags, walked.total);
    if (walked.firstMs <= afterMs) return;
    const { firstMs: atMs, firstValue: value, spacingMs } = walked;
    const afterOutage = isAfterOutage(this.grid, holder.scrapedMs, atMs, spacingMs);
    this.births.push({
      book,
      counts,
      vague,
      afterOutage,
      flags,
      atMs,
      value,
      spacingMs,
      target: scrape.target,
      seenMs,
    });
  }

  /** Which counts of `book` a counter adds to, and for which flags. */
  private countedAs({ kind, failed, flags }: RawSeries, book: Book): Pick<Birth, "counts" | "vague" | "flags"> {
    const both = { counts: [book.all, book.bad], vague: [book.vague, book.vagueBad] };
    const one = { counts: [book.all], vague: [book.vague] };
    if (kind === "requests") return failed ? { ...both, flags } : { ...one, flags };
    if (kind === "closed") return { counts: [book.closed], vague: [], flags: [] };
    if (kind === "failed") return { counts: [book.bad], vague: [book.vagueBad], flags };
    const fatal = flags.filter((flag) => this.signals.connections.failureFlags.includes(flag));
    return { ...(fatal.length > 0 ? both : one), flags: fatal };
  }

  private bookOf({ kind, namespace, name, reporter, caller }: RawSeries): Book {
    const key = [namespace, name, reporter, caller].join("\0");
    let account = this.accounts.get(key);
    if (account === undefined) {
      account = { namespace, name, reporter, caller, http: null, tcp: null };
      this.accounts.set(key, account);
    }
    if (kind === "requests") {
      account.http ??= newBook(this.grid.steps);
      return account.http;
    }
    account.tcp ??= newBook(this.grid.steps);
    return account.tcp;
  }
}

/** Whether scrapes are missing right before `atMs`, back into another step. */
function isAfterOutage(grid: Grid, scrapedMs: Float64Array, atMs: number, spacingMs: number): boolean {
  const before = scrapedMs[scrapedMs.indexOf(atMs) - 1];
  if (before === undefined || Math.round((atMs - before) / spacingMs) - 1 < OUTAGE_SCRAPES) return false;
  return beganEarlier(grid, before, atMs);
}

const seenBefore = ({ seenMs, atMs }: Birth): boolean => seenMs < atMs;

function isNew(birth: Birth, proof: Proof | undefined): boolean {
  if (proof === undefined) return false;
  if (proof.firstUpMs !== null && proof.firstUpMs < birth.atMs) return true;
  return proof.startedMs !== null && proof.startedMs >= birth.atMs - START_SCRAPES * birth.spacingMs;
}

/** Every time once, ascending. Most are the very same array. */
function union(arrays: readonly Float64Array[]): Float64Array {
  const different = [...new Set(arrays)];
  if (different.length === 1) return different[0]!;
  return Float64Array.from(new Set(different.flatMap((times) => [...times]))).sort();
}

/** A hole must not widen it: some proxies would then count one sample more in every window. */
function medianPauseMs(timesMs: Float64Array): number {
  const pauses = timesMs.subarray(1).map((atMs, i) => atMs - timesMs[i]!);
  return pauses.sort()[(pauses.length - 1) >> 1]!;
}
