import { MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";
import { drivenApp, drivenRepeater } from "./driven.ts";
import { daysOld, fails, needs, service } from "./make.ts";
import type { CallSpec, ColdSpec, ServiceSpec } from "./spec.ts";

/** How repeater deals with what it calls, and how pods of go-app begin. */
interface Calling {
  /** Replicas of go-app. */
  readonly replicas: number;
  readonly cold: ColdSpec | null;
  readonly call: Pick<CallSpec, "retries" | "timeoutMs">;
  /** What repeater calls besides; absent: nothing. */
  readonly offers?: { readonly cold: ColdSpec; readonly required: boolean };
}

/** repeater → go-app, which keeps no connection to anybody. */
function calling({ replicas, cold, call, offers }: Calling): ServiceSpec[] {
  const more = offers === undefined ? [] : [{ to: "go-app/offers", perRequest: 1, required: offers.required }];
  const calls = [...needs({ "go-app/go-app": 1 }).map((one) => ({ ...one, ...call })), ...more];
  const all = [...drivenRepeater({ calls }), drivenApp({ replicas, cold })];
  if (offers === undefined) return all;
  return [...all, service("go-app/offers", { cold: offers.cold, failures: fails(9e-5), ageMs: daysOld(6) })];
}

/** Each new pod of go-app fails everything for minutes: with retries, others answer instead. */
const FAILING_START: ColdSpec = { forMs: 3 * MINUTE_MS, failShare: 1, slowerMs: 0 };
const RETRIES = { retries: 5 };

export const retriesHide = (): ServiceSpec[] => calling({ replicas: 4, cold: FAILING_START, call: RETRIES });
/** The same caller, and nothing to retry. */
export const retriesIdle = (): ServiceSpec[] => calling({ replicas: 4, cold: null, call: RETRIES });

const beside = (required: boolean): ServiceSpec[] =>
  calling({ replicas: 2, cold: null, call: {}, offers: { cold: FAILING_START, required } });
/** Offers fail for minutes, and so does every answer that should have had some. */
export const noFallback = (): ServiceSpec[] => beside(true);
/** The same, and repeater answers without offers. */
export const fallback = (): ServiceSpec[] => beside(false);

/**
 * The only pod of go-app fills its caches while it is asked: it fails most requests, and is slow
 * with the others, for the longer the more it is asked.
 */
const FILLING: ColdSpec = { forMs: 25 * SECOND_MS, failShare: 0.75, slowerMs: 2_000 };

export const retryStorm = (): ServiceSpec[] => calling({ replicas: 1, cold: FILLING, call: RETRIES });
/** The same go-app, and a caller that asks once. */
export const retryNever = (): ServiceSpec[] => calling({ replicas: 1, cold: FILLING, call: {} });

/** Each new pod of go-app takes three seconds longer for minutes. */
const SLOW_START: ColdSpec = { forMs: 3 * MINUTE_MS, failShare: 0, slowerMs: 3 * SECOND_MS };

export const noTimeout = (): ServiceSpec[] => calling({ replicas: 2, cold: SLOW_START, call: {} });
/** The same go-app, and repeater waits for a second at most. */
export const timeout = (): ServiceSpec[] => calling({ replicas: 2, cold: SLOW_START, call: { timeoutMs: SECOND_MS } });
