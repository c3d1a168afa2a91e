import { expect, test } from "vitest";
import { describeRight, rightsFor } from "../../../src/app/preflight/rights.ts";

test.each([
  { kind: "pod-delete" as const, rights: ["delete pods in a", "delete pods in b"] },
  { kind: "pod-kill" as const, rights: ["delete pods in a", "delete pods in b"] },
  { kind: "zone-outage" as const, rights: ["delete pods in a", "delete pods in b"] },
  { kind: "pod-evict" as const, rights: ["create pods/eviction in a", "create pods/eviction in b"] },
  { kind: "node-drain" as const, rights: ["patch nodes", "create pods/eviction in a", "create pods/eviction in b"] },
])("$kind needs $rights", ({ kind, rights }) => expect(rightsFor(kind, ["a", "b"]).map(describeRight)).toEqual(rights));

test("HTTP faults need virtual services, never a wildcard", () => {
  const rights = rightsFor("http-abort", ["a"]);
  expect(rights.map((one) => one.verb)).toEqual(["get", "list", "create", "patch", "delete"]);
  expect(rights.every((one) => one.group === "networking.istio.io" && one.resource === "virtualservices")).toBe(true);
});
