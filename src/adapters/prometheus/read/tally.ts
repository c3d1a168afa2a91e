import type { Grid, Reporter } from "../../../core/model/series.ts";
import type { Samples } from "../client/matrix-reader.ts";
import { flagsOf, isFailure, type Labels, serviceOf } from "../signals/classify.ts";
import type { Signals } from "../signals/signals.ts";
import { addCounter, addTo, stepUntil, type Tracks, type Walked } from "./increments.ts";

/** Everything counted about one service by one kind of reporter. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
  readonly reporter: Reporter;
  http: Book | null;
  tcp: Book | null;
}

/** HTTP: `all` are requests, `bad` failures. TCP: `all` are opened connections, `bad` those that failed. */
export interface Book {
  readonly all: Float64Array;
  readonly bad: Float64Array;
  readonly closed: Float64Array;
  readonly expected: Float64Array;
  readonly covered: Float64Array;
  readonly resets: Uint8Array;
  readonly flags: Map<string, number>;
  series: number;
}

/** A series whose first sample lies inside the grid. */
interface Birth {
  readonly book: Book;
  readonly counts: readonly Float64Array[];
  readonly flags: readonly string[];
  readonly atMs: number;
  readonly value: number;
  readonly spacingMs: number;
  readonly target: string;
}

/** What is known of a scraped proxy besides the counters: scrapes that worked, and when its process started. */
export interface Proof {
  readonly firstUpMs: number | null;
  readonly startedMs: number | null;
}

/** A process that started within this many scrapes before its first sample has counted nothing older. */
const START_SCRAPES = 3;
/** Most proxies whose past is looked up: when all are new, Prometheus is, and they prove nothing. */
const MAX_SUSPECTS = 200;

/**
 * Sorts raw counters into services. The first value of a series counts in full when its proxy was scraped before without it (or has just
 * started); otherwise it may be the count of a whole life, so it counts nothing and the step is not fully covered.
 */
export class Tally {
  readonly accounts = new Map<string, Account>();
  /** Time of the newest sample of all, ms; −∞ without samples. */
  newestMs = Number.NEGATIVE_INFINITY;
  oldestMs = Number.POSITIVE_INFINITY;
  private readonly births: Birth[] = [];
  private readonly firstSeenMs = new Map<string, number>();
  private readonly spacings = new Map<number, number>();
  private readonly grid: Grid;
  private readonly signals: Signals;

  constructor(grid: Grid, signals: Signals) {
    this.grid = grid;
    this.signals = signals;
  }

  /** A series of the request counter; only what was scraped after `afterMs` counts: a long grid is read in pieces that overlap. */
  addRequests(labels: Labels, samples: Samples, afterMs = this.grid.startMs): void {
    const account = this.account(labels);
    if (account === null) return;
    account.http ??= newBook(this.grid.steps);
    const { http } = account;
    const failed = isFailure(labels, this.signals);
    const flags = failed ? flagsOf(labels, this.signals) : [];
    this.add(http, failed ? [http.all, http.bad] : [http.all], flags, labels, samples, afterMs);
  }

  /** A series of a connection counter, told apart by its name. */
  addConnections(labels: Labels, samples: Samples, afterMs = this.grid.startMs): void {
    const account = this.account(labels);
    if (account === null) return;
    account.tcp ??= newBook(this.grid.steps);
    const { tcp } = account;
    const { opened, closed, failed, failureFlags } = this.signals.connections;
    const flags = flagsOf(labels, this.signals).filter((flag) => failureFlags.includes(flag));
    const name = labels.__name__;
    if (name === opened)
      this.add(tcp, flags.length > 0 ? [tcp.all, tcp.bad] : [tcp.all], flags, labels, samples, afterMs);
    else if (name === closed) this.add(tcp, [tcp.closed], [], labels, samples, afterMs);
    else if (name === failed) this.add(tcp, [tcp.bad], flagsOf(labels, this.signals), labels, samples, afterMs);
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

  /** Proxies (as `targetOf` names them) whose past decides about a birth; empty when none does, or when all are new. */
  suspects(): readonly string[] {
    const unproven = new Set(this.births.filter((birth) => !this.seenBefore(birth)).map((birth) => birth.target));
    return unproven.size > MAX_SUSPECTS ? [] : [...unproven];
  }

  /** Counts every birth that is proven. Answers how many were not. */
  settle(proofs: ReadonlyMap<string, Proof>): number {
    let unproven = 0;
    for (const birth of this.births) {
      const step = stepUntil(this.grid, birth.atMs);
      if (this.seenBefore(birth) || isNew(birth, proofs.get(birth.target))) {
        const added = addTo(birth.counts, step, birth.value);
        addFlags(birth.book, birth.flags, added);
      } else if (step < this.grid.steps) {
        unproven++;
        const unseenMs = birth.atMs - (this.grid.startMs + step * this.grid.stepMs);
        birth.book.expected[step]! += Math.floor(unseenMs / birth.spacingMs);
      }
    }
    return unproven;
  }

  private add(
    book: Book,
    counts: readonly Float64Array[],
    flags: readonly string[],
    labels: Labels,
    samples: Samples,
    afterMs: number,
  ): void {
    const { expected, covered, resets } = book;
    const tracks: Tracks = { afterMs, counts, expected, covered, resets };
    const walked = addCounter(samples, this.grid, tracks, this.spacingMs() ?? this.grid.stepMs);
    if (walked === null) return;
    book.series++;
    addFlags(book, flags, walked.total);
    this.remember(labels, walked, samples.n);
    if (walked.firstMs > afterMs) {
      const { firstMs: atMs, firstValue: value, spacingMs } = walked;
      this.births.push({ book, counts, flags, atMs, value, spacingMs, target: targetOf(labels, this.signals) });
    }
  }

  private remember(labels: Labels, walked: Walked, n: number): void {
    const target = targetOf(labels, this.signals);
    this.firstSeenMs.set(target, Math.min(walked.firstMs, this.firstSeenMs.get(target) ?? walked.firstMs));
    this.newestMs = Math.max(this.newestMs, walked.lastMs);
    this.oldestMs = Math.min(this.oldestMs, walked.firstMs);
    if (n < 3) return;
    const rounded = Math.round(walked.spacingMs / 100) * 100;
    this.spacings.set(rounded, (this.spacings.get(rounded) ?? 0) + 1);
  }

  private seenBefore(birth: Birth): boolean {
    return (this.firstSeenMs.get(birth.target) ?? birth.atMs) < birth.atMs;
  }

  private account(labels: Labels): Account | null {
    const service = serviceOf(labels, this.signals);
    if (service === null) return null;
    const key = `${service.namespace}\0${service.name}\0${service.reporter}`;
    let account = this.accounts.get(key);
    if (account === undefined) {
      account = { ...service, http: null, tcp: null };
      this.accounts.set(key, account);
    }
    return account;
  }
}

/** A key for the proxy that was scraped. */
export const targetOf = (labels: Labels, signals: Signals): string =>
  signals.labels.target.map((name) => labels[name] ?? "").join("\0");

function isNew(birth: Birth, proof: Proof | undefined): boolean {
  if (proof === undefined) return false;
  if (proof.firstUpMs !== null && proof.firstUpMs < birth.atMs) return true;
  return proof.startedMs !== null && proof.startedMs >= birth.atMs - START_SCRAPES * birth.spacingMs;
}

function addFlags(book: Book, flags: readonly string[], amount: number): void {
  if (amount > 0) for (const flag of flags) book.flags.set(flag, (book.flags.get(flag) ?? 0) + amount);
}

function newBook(steps: number): Book {
  const array = (): Float64Array => new Float64Array(steps);
  return {
    all: array(),
    bad: array(),
    closed: array(),
    expected: array(),
    covered: array(),
    resets: new Uint8Array(steps),
    flags: new Map(),
    series: 0,
  };
}
