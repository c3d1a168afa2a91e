import { expect, test } from "vitest";
import { targetChecks } from "../../../src/app/doctor/examine-targets.ts";
import type { ClusterSnapshot } from "../../../src/core/model/cluster.ts";
import type { Policy } from "../../../src/core/model/policy.ts";
import { bench, world } from "../../support/app.ts";
import { policy } from "../../support/policies.ts";

async function doctor(its: Policy, namespaces: readonly string[] = ["go-app"], changes: Partial<ClusterSnapshot> = {}) {
  const { deps } = await bench(world());
  const cluster = {
    ...deps.cluster,
    snapshot: async (wanted: readonly string[], signal: AbortSignal) => {
      const all = await deps.cluster.snapshot(wanted, signal);
      return { ...all, ...changes, workloads: all.workloads.filter((one) => wanted.includes(one.namespace)) };
    },
  };
  const target = { ...its.target, namespaces };
  const settings = () => ({ ...deps.settings(), policies: [{ ...its, target }] });
  return targetChecks({ cluster, settings }, new AbortController().signal);
}

test("doctor says how much each policy may hit", async () => {
  expect(await doctor(policy())).toEqual([
    { what: "targets of go-app-pods", ok: true, says: "3 of 3 workloads may be hit" },
  ]);
});

test("a policy whose namespaces hold nothing is wrong, and says what to look at", async () => {
  expect(await doctor(policy(), ["go-ap"])).toEqual([
    { what: "targets of go-app-pods", ok: false, says: "no workload stands in go-ap: look at target.namespaces" },
  ]);
});

test("a policy whose selector matches nothing is wrong, and says why of one workload", async () => {
  const its = policy({ target: { ...policy().target, names: ["go-ap"] } });
  expect(await doctor(its)).toEqual([
    {
      what: "targets of go-app-pods",
      ok: false,
      says: expect.stringMatching(/^0 of 3 workloads may be hit, as Deployment go-app\/.*not among the policy's names/),
    },
  ]);
});

test("without the right to read nodes nothing may be hit, and doctor says so as why-not does", async () => {
  const unread = { nodes: "not allowed to list nodes" };
  expect(await doctor(policy(), ["go-app"], { nodes: [], unread })).toEqual([
    {
      what: "targets of go-app-pods",
      ok: false,
      says: expect.stringMatching(/^0 of 3 workloads may be hit.*cannot tell how node .* not allowed to list nodes/),
    },
  ]);
  expect(await doctor(policy(), ["go-app"], { nodes: [], withoutNodes: true })).toMatchObject([
    { ok: true, says: "3 of 3 workloads may be hit; left out: pressure on nodes, spread over nodes, zones, drains" },
  ]);
});
