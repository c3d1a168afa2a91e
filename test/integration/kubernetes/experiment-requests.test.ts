import { describe, expect, test } from "vitest";
import type { Fault } from "../../../src/core/model/fault.ts";
import { type Played, playedOn } from "./support/played.ts";

/** Of one look: the target, its pods, the budgets, and the lease. */
const LOOK = ["GET deployments?fieldSelector", "GET pods?labelSelector", "GET poddisruptionbudgets"];

interface Held {
  readonly fault: Fault;
  /** Requests from the slot to the end, of which the snapshots before and after take 21. */
  readonly whole: number;
  /** Answers waited for, one after the other, from the choice to the first call of the fault. */
  readonly rounds: number;
  readonly call: RegExp;
  /** Workloads that lose a pod. */
  readonly workloads?: number;
}

const POD_CALL = /^(DELETE|POST) pods\//;

const HELD: readonly Held[] = [
  { fault: { kind: "pod-delete" }, whole: 39, rounds: 6, call: POD_CALL },
  { fault: { kind: "pod-evict" }, whole: 39, rounds: 6, call: POD_CALL },
  { fault: { kind: "pod-kill" }, whole: 39, rounds: 6, call: POD_CALL },
  {
    fault: { kind: "node-drain", durationMs: 60_000 },
    ...{ whole: 50, rounds: 7, call: /^PATCH nodes\//, workloads: 2 },
  },
  {
    fault: { kind: "zone-outage", durationMs: 60_000 },
    ...{ whole: 52, rounds: 8, call: /^PATCH nodes\//, workloads: 2 },
  },
  {
    fault: { kind: "http-abort", durationMs: 60_000, httpStatus: 503, percent: 50 },
    ...{ whole: 54, rounds: 8, call: /^POST virtualservices/ },
  },
  {
    fault: { kind: "http-delay", durationMs: 60_000, delayMs: 500, percent: 50 },
    ...{ whole: 54, rounds: 8, call: /^POST virtualservices/ },
  },
];

describe.each(HELD)("an experiment with $fault.kind", ({ fault, whole, rounds, call, workloads = 1 }) => {
  test("asks the API server for no more than it needs", async () => {
    const played = await playedOn(fault);
    expect(played.kinds).toEqual(expect.arrayContaining(["injected", "judged", "notified"]));
    expect(played.requests.length, told(played)).toBeLessThanOrEqual(whole);
    const from = played.requests.findIndex((one) => one.after === "chosen");
    const to = played.requests.findIndex((one) => call.test(one.what));
    const first = played.requests[from]?.round ?? 0;
    expect((played.requests[to]?.round ?? 0) - first + 1, told(played)).toBeLessThanOrEqual(rounds);
  });

  test("looks twice at the target, its pods and the budgets, each time in one round", async () => {
    const { requests } = await playedOn(fault);
    const to = requests.findIndex((one) => call.test(one.what));
    for (const after of ["chosen", "intended"]) {
      const looked = requests.slice(0, to).filter((one) => one.after === after && LOOK.includes(one.what));
      expect(looked.map((one) => one.what).toSorted()).toEqual(expected(workloads));
      expect(new Set(looked.map((one) => one.round)).size).toBe(1);
      const lease = requests.filter((one) => one.round === looked[0]?.round && one.what.endsWith("leases/aftershock"));
      expect(lease).toHaveLength(1);
    }
  });
});

test("nobody asks whether the pods are back before they can be", async () => {
  const { requests } = await playedOn({ kind: "pod-delete" });
  const asked = requests.filter((one) => one.after === "injected" && one.what === LOOK[1]);
  expect(asked.map((one) => one.sinceSlotMs)).toEqual([5_000]);
});

test("a list is never asked for twice within one look", async () => {
  const { requests } = await playedOn({ kind: "pod-delete" });
  for (const one of requests.filter(({ what }) => what.startsWith("GET") && !what.startsWith("GET leases"))) {
    const same = requests.filter(
      ({ what, round, after }) => what === one.what && round === one.round && after === one.after,
    );
    expect(same, one.what).toHaveLength(1);
  }
});

const expected = (workloads: number): string[] =>
  ["GET poddisruptionbudgets", ...LOOK.slice(0, 2).flatMap((what) => Array<string>(workloads).fill(what))].toSorted();

const told = ({ requests }: Played): string =>
  requests.map(({ after, round, what }) => `${after} ${round} ${what}`).join("\n");
