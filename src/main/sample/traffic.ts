import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

export interface Traffic {
  /** `http://repeater:8080` */
  readonly target: string;
  /** The Host header, for requests through an ingress gateway; null: that of the target. */
  readonly host: string | null;
  readonly perSecond: number;
  readonly durationMs: number;
  readonly paths: readonly WeightedPath[];
}

export interface WeightedPath {
  readonly path: string;
  readonly weight: number;
}

export interface Sent {
  readonly answered: number;
  readonly failed: number;
  /**
   * Not sent because too many requests were under way: the target answers slower than requests
   * come.
   */
  readonly skipped: number;
}

/** Requests under way at once, at most: a target that hangs does not fill this process. */
const MOST_UNDER_WAY = 200;
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Sends requests at a steady rate until `durationMs` is over or `signal` aborts. The paths follow
 * each other by their weights, in the same order each time. Never rejects: what fails is counted.
 */
export async function sendTraffic(traffic: Traffic, signal: AbortSignal): Promise<Sent> {
  const count = { answered: 0, failed: 0, skipped: 0 };
  const underWay = new Set<Promise<void>>();
  const paths = traffic.paths.flatMap(({ path, weight }) => Array.from({ length: weight }, () => path));
  const send = async (path: string): Promise<void> => {
    const ok = await request(traffic, path).catch(() => false);
    count[ok ? "answered" : "failed"] += 1;
  };
  const beganMs = performance.now();
  for (let i = 0; !signal.aborted; i++) {
    const dueMs = (i * 1_000) / traffic.perSecond;
    if (dueMs >= traffic.durationMs) break;
    const waitMs = beganMs + dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    if (underWay.size >= MOST_UNDER_WAY) {
      count.skipped += 1;
      continue;
    }
    const sent: Promise<void> = send(paths[i % paths.length]!).finally(() => underWay.delete(sent));
    underWay.add(sent);
  }
  await Promise.all(underWay);
  return count;
}

/**
 * Whether the answer's status is below 400. node:http, because fetch sends no Host header of ours.
 */
async function request({ target, host }: Traffic, path: string): Promise<boolean> {
  const url = new URL(path, target);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  (url.protocol === "https:" ? httpsRequest : httpRequest)(
    url,
    { ...(host !== null && { headers: { host } }), signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) },
    resolve,
  )
    .once("error", reject)
    .end();
  const response = await promise;
  const ended = new Promise<boolean>((done) => response.once("close", () => done(response.complete)));
  response.resume();
  return (await ended) && (response.statusCode ?? 500) < 400;
}

/**
 * Reads `/items:2,/orders,/about:3`: paths and how often each comes in a round.
 * @throws RangeError that says what was expected
 */
export function readPaths(text: string): readonly WeightedPath[] {
  return text.split(",").map((part) => {
    const [, path, weight = "1"] = /^(\/[^:,\s]*)(?::([1-9][0-9]?))?$/.exec(part.trim()) ?? [];
    if (path === undefined)
      throw new RangeError(`"${part.trim()}" is not a path with a weight: expected /items or /items:2 (1 to 99)`);
    return { path, weight: Number(weight) };
  });
}
