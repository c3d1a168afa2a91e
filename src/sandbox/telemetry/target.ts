import { SLOT_MS } from "../traffic/slots.ts";

/**
 * Prometheus asks every proxy at this distance; equal to the slots' length, so that a scrape falls
 * at the same point of each slot.
 */
export const SCRAPE_MS = SLOT_MS;

/** One proxy as Prometheus sees it. */
export class ScrapeTarget {
  readonly labels: Readonly<Record<string, string>>;
  /** Scrapes happen at `offsetMs + k·SCRAPE_MS`. */
  readonly offsetMs: number;
  /** When the process that answers started. */
  readonly startedMs: number;
  /** Answers in `[upFromMs, upToMs)`; asked in `[knownFromMs, knownToMs)`. */
  upFromMs: number;
  upToMs = Number.POSITIVE_INFINITY;
  knownFromMs: number;
  knownToMs = Number.POSITIVE_INFINITY;

  constructor(labels: Readonly<Record<string, string>>, offsetMs: number, startedMs: number) {
    this.labels = labels;
    this.offsetMs = offsetMs;
    this.startedMs = startedMs;
    this.upFromMs = startedMs;
    this.knownFromMs = startedMs;
  }

  /** First scrape at or after `atMs`. */
  scrapeFrom(atMs: number): number {
    return Math.ceil((atMs - this.offsetMs) / SCRAPE_MS) * SCRAPE_MS + this.offsetMs;
  }

  /** The scrape that finds out that the proxy is gone; infinite while it answers. */
  get lostAtMs(): number {
    return this.scrapeFrom(Math.min(this.upToMs, this.knownToMs));
  }
}
