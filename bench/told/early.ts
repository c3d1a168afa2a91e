import { earlyWindowMs, failingEarly } from "../../src/core/experiment/early-alert.ts";
import { MINUTE_MS, SECOND_MS } from "../../src/core/model/units.ts";
import type { Random } from "../../src/core/random.ts";

const SCRAPE_MS = 15 * SECOND_MS;
const BEFORE_MS = 10 * MINUTE_MS;
/** An experiment is observed for about this long before its verdict. */
const OBSERVED_MS = 12 * MINUTE_MS;
const RULE = { windowMs: MINUTE_MS, failures: 5, share: 0.05 };
/** Services that have to do with a target. */
const FAMILY = 3;

/**
 * Requests and failures of one service, second by second, as its proxy counts them and Prometheus
 * scrapes them.
 */
interface Counted {
  readonly requests: readonly number[];
  readonly failures: readonly number[];
}

/** Failing share by second; in a quiet service it swings by minutes. */
function countsOf(random: Random, perSecond: number, shareAt: (second: number) => number): Counted {
  const seconds = (BEFORE_MS + OBSERVED_MS) / SECOND_MS;
  const requests: number[] = [0];
  const failures: number[] = [0];
  for (let second = 0; second < seconds; second++) {
    let [asked, failed] = [0, 0];
    // arrivals in hundredths of a second: close to Poisson
    for (let i = 0; i < 100; i++) {
      if (random.next() >= perSecond / 100) continue;
      asked += 1;
      if (random.next() < shareAt(second)) failed += 1;
    }
    requests.push(requests.at(-1)! + asked);
    failures.push(failures.at(-1)! + failed);
  }
  return { requests, failures };
}

/**
 * First look at which an early alert is raised, ms after the fault; null: none until the verdict.
 */
function alertAfterMs(services: readonly Counted[], phaseMs: number): number | null {
  const names = services.map((_, i) => `shop/service-${i}`);
  const scraped = (atMs: number): number => {
    const lastMs = Math.floor((atMs - phaseMs) / SCRAPE_MS) * SCRAPE_MS + phaseMs;
    return Math.max(0, Math.floor(lastMs / SECOND_MS));
  };
  const between = (fromMs: number, toMs: number) =>
    services.map(({ requests, failures }, i) => {
      const [from, to] = [scraped(fromMs), scraped(toMs)];
      return {
        service: names[i]!,
        requests: requests[to]! - requests[from]!,
        failures: failures[to]! - failures[from]!,
      };
    });
  const before = between(0, BEFORE_MS);
  for (let passedMs = 5 * SECOND_MS; passedMs < OBSERVED_MS; passedMs += SCRAPE_MS) {
    const windowMs = earlyWindowMs(RULE, passedMs);
    const nowMs = BEFORE_MS + passedMs;
    const now = between(nowMs - windowMs, nowMs);
    if (failingEarly({ rule: RULE, before, now, windowMs, passedMs, guarded: new Set(names) }).length > 0)
      return passedMs;
  }
  return null;
}

/**
 * How long after the first failing request the alert comes, 95th percentile in s, when half of the
 * requests fail.
 */
export function delayP95(random: Random, perSecond: number, runs: number): number {
  const delays = Array.from({ length: runs }, () => {
    const onset = BEFORE_MS / SECOND_MS + Math.floor(random.next() * 60);
    const service = countsOf(random, perSecond, (second) => (second >= onset ? 0.5 : 0.0005));
    const first = service.failures.findIndex((count, i) => i > onset && count > service.failures[onset]!);
    const alertMs = alertAfterMs([service], random.next() * SCRAPE_MS);
    return alertMs === null ? Number.POSITIVE_INFINITY : (BEFORE_MS + alertMs) / SECOND_MS - first;
  });
  return delays.toSorted((a, b) => a - b)[Math.ceil(0.95 * runs) - 1]!;
}

/**
 * Shams in which an alert would have been raised, of a thousand: services fail a little, and by
 * minutes up to three times as often.
 */
export function falsePer1000(random: Random, shams: number): number {
  let alerts = 0;
  for (let i = 0; i < shams; i++) {
    const services = Array.from({ length: FAMILY }, () => {
      const usual = 0.02 * random.next();
      const swings = Array.from({ length: 30 }, () => 0.3 + 2.7 * random.next() ** 2);
      return countsOf(random, random.next() < 0.5 ? 1 : 20, (second) => usual * swings[Math.floor(second / 60)]!);
    });
    if (alertAfterMs(services, random.next() * SCRAPE_MS) !== null) alerts += 1;
  }
  return (1_000 * alerts) / shams;
}
