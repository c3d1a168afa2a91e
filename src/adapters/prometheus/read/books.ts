import type { Reporter } from "../../../core/model/series.ts";

/**
 * HTTP: `all` are requests, `bad` failures. TCP: `all` are opened connections, `bad` those that
 * failed.
 */
export interface Book {
  readonly all: Float64Array;
  readonly bad: Float64Array;
  readonly closed: Float64Array;
  readonly expected: Float64Array;
  readonly covered: Float64Array;
  /** What of `all` and of `bad` may have happened in a step before, while nobody scraped. */
  readonly vague: Float64Array;
  readonly vagueBad: Float64Array;
  readonly resets: Uint8Array;
  /** 1 where nobody can tell how much was counted. */
  readonly unknown: Uint8Array;
  readonly flags: Map<string, number>;
  /** Labels that its signals use and that some of its series do not have. */
  readonly lacks: Set<string>;
  series: number;
}

/** Everything counted about one service, as one kind of reporter saw one caller of it. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
  readonly reporter: Reporter;
  readonly caller: string;
  http: Book | null;
  tcp: Book | null;
}

export function newBook(steps: number): Book {
  const array = (): Float64Array => new Float64Array(steps);
  return {
    all: array(),
    bad: array(),
    closed: array(),
    expected: array(),
    covered: array(),
    vague: array(),
    vagueBad: array(),
    resets: new Uint8Array(steps),
    unknown: new Uint8Array(steps),
    flags: new Map(),
    lacks: new Set(),
    series: 0,
  };
}

export function addFlags(book: Book, flags: readonly string[], amount: number): void {
  if (amount > 0) for (const flag of flags) book.flags.set(flag, (book.flags.get(flag) ?? 0) + amount);
}

/** One book of several callers; null of none. The book itself when there is one. */
export function sumBooks(books: readonly Book[]): Book | null {
  if (books.length < 2) return books[0] ?? null;
  const sum = newBook(books[0]!.all.length);
  for (const book of books) {
    for (const name of ["all", "bad", "closed", "expected", "covered", "vague", "vagueBad"] as const) {
      for (let i = 0; i < sum.all.length; i++) sum[name][i]! += book[name][i]!;
    }
    for (const name of ["resets", "unknown"] as const) {
      for (let i = 0; i < sum.all.length; i++) sum[name][i]! |= book[name][i]!;
    }
    for (const [flag, amount] of book.flags) addFlags(sum, [flag], amount);
    for (const label of book.lacks) sum.lacks.add(label);
    sum.series += book.series;
  }
  return sum;
}
