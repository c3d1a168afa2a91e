import type { RawBook, RawSeries } from "./raw-book.ts";
import { isSummed, type Scrape } from "./scrapes.ts";

/** Fewer samples, or a smaller growth, are equal by chance. */
const MIN_SAMPLES = 5;
const MIN_GROWTH = 20;
/** So many samples of a copy lie between those around them of the other, resets left out. */
const BETWEEN = 0.95;
/** So many of a proxy's counters have a copy where a label tells who scraped it. */
const ALL = 0.9;

/**
 * The counters of `book`, each with the way in which it was scraped: labels that nobody listed and
 * that tell copies of one proxy apart (a replica of an agent, a tenant, a receiver) are part of it.
 * Such labels are found by what they do: all counters of a proxy are there once for each value, and
 * each lies between the samples of the other. Labels of the request never do that but by chance,
 * and are not asked.
 */
export function withEveryWay(book: RawBook): readonly RawSeries[] {
  const all = [...book.series.values()].map(asItWasScraped);
  const names = new Set<string>();
  for (const series of Map.groupBy(all, ({ scrape }) => scrape).values()) {
    for (const name of namesThatCopy(series, book, names)) names.add(name);
  }
  return names.size === 0 ? all : splitBy([...names].sort(), all, book);
}

/**
 * Labels that were renamed name the proxy where the target hands on what others scraped. Those of a
 * proxy itself are labels like any others.
 */
function asItWasScraped(one: RawSeries): RawSeries {
  const { through } = one.scrape;
  return through === null || isSummed(through) ? one : { ...one, scrape: through };
}

/** Labels by which some counters of one scrape are copies of the others; `known` ones left out. */
function namesThatCopy(series: readonly RawSeries[], book: RawBook, known: ReadonlySet<string>): readonly string[] {
  const large = series.filter((one) => one.timesMs.length >= MIN_SAMPLES && growthOf(one) >= MIN_GROWTH);
  if (large.length < 2) return [];
  const sorted = large.toSorted((a, b) => lastOf(a) - lastOf(b));
  const tried = new Set<string>();
  for (let i = 1; i < sorted.length; i++) {
    const [a, b] = [sorted[i - 1]!, sorted[i]!];
    if (a.kind !== b.kind || lastOf(b) - lastOf(a) > 2 * largestPause(a) || !isCopy(a, b)) continue;
    const names = differing(book.labelsOf(a), book.labelsOf(b)).filter((name) => !known.has(name));
    const key = names.join("\0");
    if (names.length === 0 || tried.has(key) || names.some((name) => book.isOfRequest(name))) continue;
    tried.add(key);
    if (areCopiesBy(names, large, book)) return names;
  }
  return [];
}

/** Nearly every one of these counters has a copy that differs in these labels only. */
function areCopiesBy(names: readonly string[], series: readonly RawSeries[], book: RawBook): boolean {
  const groups = Map.groupBy(series, (one) => restOf(one, names, book));
  let copied = 0;
  for (const group of groups.values()) {
    const [first] = group;
    if (group.length > 1 && group.slice(1).every((one) => isCopy(first!, one))) copied += group.length;
  }
  return copied >= ALL * series.length;
}

/** The samples of `b` lie between those of `a` around them: a counter seen at other moments. */
function isCopy(a: RawSeries, b: RawSeries): boolean {
  let [inside, between, i] = [0, 0, 0];
  for (const [j, atMs] of b.timesMs.entries()) {
    while (i + 1 < a.timesMs.length && a.timesMs[i + 1]! <= atMs) i++;
    if (a.timesMs[i]! > atMs || (i + 1 === a.timesMs.length && a.timesMs[i] !== atMs)) continue;
    const upper = a.timesMs[i] === atMs ? a.values[i]! : a.values[i + 1]!;
    if (upper < a.values[i]!) continue;
    inside++;
    if (b.values[j]! >= a.values[i]! && b.values[j]! <= upper) between++;
  }
  return inside >= MIN_SAMPLES && between >= BETWEEN * inside;
}

/** The same counters, each in a scrape of its own for every value of these labels. */
function splitBy(names: readonly string[], all: readonly RawSeries[], book: RawBook): readonly RawSeries[] {
  const scrapes = new Map<string, Scrape>();
  return all.map((one) => {
    const labels = book.labelsOf(one);
    const said = names.map((name) => [name, labels.get(name) ?? ""] as const);
    const suffix = said.map(([, value]) => value).join("\0");
    const id = `${one.scrape.id}\0${suffix}`;
    const scrape = scrapes.get(id) ?? {
      ...one.scrape,
      id,
      way: { ...one.scrape.way, ...Object.fromEntries(said) },
      wayId: `${one.scrape.wayId}\0${suffix}`,
      samples: 0,
      firstMs: Number.POSITIVE_INFINITY,
    };
    scrapes.set(id, scrape);
    scrape.samples += one.timesMs.length;
    scrape.firstMs = Math.min(scrape.firstMs, one.timesMs[0]!);
    return { ...one, scrape, key: `${one.kind}\0${restOf(one, names, book)}` };
  });
}

function restOf(one: RawSeries, names: readonly string[], book: RawBook): string {
  const rest = [...book.labelsOf(one)].filter(([name]) => !names.includes(name));
  return `${one.kind}\0${rest.map((pair) => pair.join("=")).join("\0")}`;
}

function differing(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).sort();
}

const lastOf = ({ values }: RawSeries): number => values.at(-1)!;
const growthOf = ({ values }: RawSeries): number => values.at(-1)! - values[0]!;

/** What it grew by most from one sample to the next. */
function largestPause({ values }: RawSeries): number {
  let most = 0;
  for (let i = 1; i < values.length; i++) most = Math.max(most, values[i]! - values[i - 1]!);
  return most;
}
