import type { ServiceId } from "../model/cluster.ts";
import type { Retried } from "../model/verdict.ts";

/** What one caller asked of one service in some time. */
export interface Attempts {
  /** `namespace/name` of the caller's workload. */
  readonly caller: string;
  readonly service: ServiceId;
  /** Requests, as the caller's proxy counts them: once, whatever it tried. */
  readonly asked: number;
  /** Tries that arrived, as the service's own proxies count them. */
  readonly arrived: number;
}

/** Tries that are told: a tenth more than before, and so many that no scrape explains them. */
const MORE_TRIES = 1.1;
const FEWEST_TRIES = 20;
/**
 * Calls for each request that are told: what a request needs varies, so it takes half as many
 * again.
 */
const MORE_CALLS = 1.5;
const FEWEST_CALLS = 50;

/**
 * What callers that try again did after an injection: how many tries arrived for each request,
 * where proxies try again, and how many requests a caller sends for each that it receives, where
 * the caller itself does.
 * @param servicesOf the services behind a caller's workload, by its name
 */
export function retriesSeen(
  before: readonly Attempts[],
  after: readonly Attempts[],
  servicesOf: (caller: string) => readonly ServiceId[],
): readonly Retried[] {
  return [...triesSeen(before, after), ...callsSeen(before, after, servicesOf)];
}

/** One of them as a sentence. */
export const retriesTold = ({ by, callers, service, before, after }: Retried): string =>
  by === "proxy"
    ? `${service} received ${times(after)} attempts for each request (before: ${times(before)}): the proxies of its callers retry.`
    : `${callers.join(", ")} sent ${service} ${times(after)} requests for each that it received (before: ${times(before)}): it retries by itself.`;

function triesSeen(before: readonly Attempts[], after: readonly Attempts[]): readonly Retried[] {
  return [...Map.groupBy(after, ({ service }) => service)].flatMap(([service, now]): Retried[] => {
    const callers = now.map(({ caller }) => caller);
    const then = before.filter((one) => one.service === service && callers.includes(one.caller));
    const usual = Math.max(1, triesOf(then));
    const tries = triesOf(now);
    const more = total(now, "arrived") - usual * total(now, "asked");
    if (!(tries >= MORE_TRIES * usual && more >= FEWEST_TRIES)) return [];
    const retrying = callers.filter((caller) => {
      const of = (all: readonly Attempts[]): number => triesOf(all.filter((one) => one.caller === caller));
      return of(now) >= MORE_TRIES * Math.max(1, of(then));
    });
    return [{ by: "proxy", callers: retrying, service, before: triesOf(then), after: tries }];
  });
}

function callsSeen(
  before: readonly Attempts[],
  after: readonly Attempts[],
  servicesOf: (caller: string) => readonly ServiceId[],
): readonly Retried[] {
  return after.flatMap(({ caller, service, asked }): Retried[] => {
    const own = servicesOf(caller);
    const received = (of: readonly Attempts[]): number =>
      total(
        of.filter((one) => own.includes(one.service)),
        "asked",
      );
    const then = before.find((one) => one.caller === caller && one.service === service)?.asked ?? 0;
    const [usual, now] = [then / received(before), asked / received(after)];
    const enough = received(before) >= FEWEST_CALLS && received(after) >= FEWEST_CALLS && then >= FEWEST_CALLS;
    if (!enough || !(now >= MORE_CALLS * usual && asked - usual * received(after) >= FEWEST_CALLS)) return [];
    return [{ by: "caller", callers: [caller], service, before: usual, after: now }];
  });
}

const times = (ratio: number): string => ratio.toFixed(1);

const total = (of: readonly Attempts[], what: "asked" | "arrived"): number =>
  of.reduce((sum, one) => sum + one[what], 0);

const triesOf = (of: readonly Attempts[]): number => {
  const asked = total(of, "asked");
  return asked > 0 ? total(of, "arrived") / asked : 1;
};
