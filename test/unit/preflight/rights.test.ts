import { expect, test } from "vitest";
import { accessQuestions, rightsFor as rightsGranted } from "../../../src/adapters/kubernetes/rights/rights.ts";
import { describeRight, rightsFor } from "../../../src/app/preflight/rights.ts";
import { FAULT_KINDS, type FaultKind } from "../../../src/core/model/fault.ts";

test.each([
  { kind: "pod-delete" as const, rights: ["delete pods in a", "delete pods in b"] },
  { kind: "pod-kill" as const, rights: ["delete pods in a", "delete pods in b"] },
  { kind: "zone-outage" as const, rights: ["get nodes", "patch nodes", "delete pods in a", "delete pods in b"] },
  { kind: "pod-evict" as const, rights: ["create pods/eviction in a", "create pods/eviction in b"] },
  {
    kind: "node-drain" as const,
    rights: ["get nodes", "patch nodes", "create pods/eviction in a", "create pods/eviction in b"],
  },
])("$kind needs $rights", ({ kind, rights }) => expect(rightsFor(kind, ["a", "b"]).map(describeRight)).toEqual(rights));

test("HTTP faults need virtual services, and to see the routes of the Gateway API, never a wildcard", () => {
  const rights = rightsFor("http-abort", ["a"]).map(({ verb, group, resource }) => `${verb} ${resource}.${group}`);
  expect(rights).toEqual([
    ...["get", "list", "create", "patch", "delete"].map((verb) => `${verb} virtualservices.networking.istio.io`),
    ...["list httproutes.gateway.networking.k8s.io", "list grpcroutes.gateway.networking.k8s.io"],
  ]);
});

test.each(FAULT_KINDS)(
  "what the gate asks for %s is what the generated Role adds for it, no more and no less",
  (kind) => {
    const granted = (faults: readonly FaultKind[]): string[] => {
      const rights = rightsGranted({ faults, namespaces: ["a"], ownNamespace: "aftershock", leaseName: "aftershock" });
      return accessQuestions(rights).map(describeRight);
    };
    const added = granted([kind]).filter((right) => !granted([]).includes(right));
    expect(rightsFor(kind, ["a"]).map(describeRight).toSorted()).toEqual(added.toSorted());
  },
);
