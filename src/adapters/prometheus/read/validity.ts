import { type Grid, stepStartMs } from "../../../core/model/series.ts";
import type { Account, Book } from "./books.ts";

/** A step with fewer of its scrapes than this is not known (judge.md §2.1). */
const MIN_COVERAGE = 0.8;
/**
 * A step that ended this many scrapes after the newest sample of all has not been scraped to its
 * end.
 */
const LATE_SCRAPES = 1.5;

/** 1 for each step that was scraped: nobody's silence is read as zero. */
export function validSteps(
  book: Pick<Book, "all" | "bad" | "vague" | "vagueBad" | "expected" | "covered" | "unknown">,
  grid: Grid,
  newestMs: number,
  spacingMs: number,
): Uint8Array {
  return Uint8Array.from(book.expected, (expected, i) => {
    const complete = stepStartMs(grid, i + 1) <= newestMs + LATE_SCRAPES * spacingMs;
    const isCovered = expected > 0 && (book.covered[i] ?? 0) >= MIN_COVERAGE * expected;
    return complete && isCovered && book.unknown[i] === 0 && !isVague(book, i) ? 1 : 0;
  });
}

/** Too much of step `i` was first seen after an outage, and may be older. */
function isVague({ all, bad, vague, vagueBad }: Pick<Book, "all" | "bad" | "vague" | "vagueBad">, i: number): boolean {
  return vague[i]! > (1 - MIN_COVERAGE) * all[i]! || vagueBad[i]! > (1 - MIN_COVERAGE) * bad[i]!;
}

/**
 * Stretches of steps, `to` not included, in which most scrapes of the whole mesh are missing: then
 * it is Prometheus that was away.
 */
export function blindSpans(
  accounts: Iterable<Account>,
  grid: Grid,
): readonly { readonly from: number; readonly to: number }[] {
  const expected = new Float64Array(grid.steps);
  const covered = new Float64Array(grid.steps);
  for (const { http, tcp } of accounts) {
    for (const book of [http, tcp]) {
      if (book === null) continue;
      for (let i = 0; i < grid.steps; i++) {
        expected[i]! += book.expected[i]!;
        covered[i]! += book.covered[i]!;
      }
    }
  }
  const seen = (i: number): boolean => covered[i]! >= 0.5 * expected[i]! && expected[i]! > 0;
  const first = covered.findIndex((scrapes) => scrapes > 0);
  const last = covered.findLastIndex((scrapes) => scrapes > 0);
  const spans: { from: number; to: number }[] = [];
  for (let i = Math.max(first, 0); i <= last; i++) {
    if (seen(i)) continue;
    const from = i;
    while (i <= last && !seen(i)) i++;
    spans.push({ from, to: i });
  }
  return spans;
}
