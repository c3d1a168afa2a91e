import { expect, test } from "vitest";
import type { Policy } from "../../../src/core/model/policy.ts";
import { randomFrom } from "../../../src/core/random.ts";
import { chooseTarget } from "../../../src/core/targeting/choose.ts";
import { narrowed, whyNotReached } from "../../../src/core/targeting/narrow.ts";
import { storyCluster } from "../../support/cluster.ts";
import { policy } from "../../support/policies.ts";

const asked = { namespace: "go-app", name: "go-app-db" };
const chosen = (changed: Partial<Policy["target"]>, only = asked, protectedNamespaces: readonly string[] = []) => {
  const limits = { ...policy().limits, maxUnavailable: { unit: "percent", value: 100 } as const, minAgeMs: 0 };
  const whole = policy({ target: { ...policy().target, ...changed }, limits });
  const facts = { past: [], protectedNamespaces };
  const found = chooseTarget(
    narrowed(whole, { workload: only }, protectedNamespaces),
    storyCluster(),
    facts,
    randomFrom(1),
  );
  return "none" in found ? null : found.choice.target.workload.name;
};

test("asking for a workload that the policy selects hits this one", () => {
  expect(chosen({})).toBe("go-app-db");
  expect(chosen({ names: ["go-app", "go-app-db"] })).toBe("go-app-db");
  expect(chosen({ namespaces: ["go-*"] })).toBe("go-app-db");
});

test.each([
  { name: "names leave it out", target: { names: ["go-app"] } },
  { name: "namespaces leave it out", target: { namespaces: ["shop"] } },
  { name: "patterns leave it out", target: { namespaces: ["shop-*"] } },
  { name: "kinds leave it out", target: { kinds: ["StatefulSet" as const] } },
  {
    name: "labels leave it out",
    target: { labels: [{ key: "app", operator: "In" as const, values: ["go-app"] }] },
  },
  {
    name: "excluded labels are its own",
    target: { excludeLabels: [{ key: "app", operator: "In" as const, values: ["go-app-db"] }] },
  },
])("asking for a workload that the policy's $name hits nothing", ({ target }) => {
  expect(chosen(target)).toBeNull();
});

test("asking for a protected namespace that a pattern matches hits nothing", () => {
  expect(chosen({ namespaces: ["go-*"] }, asked, ["go-app"])).toBeNull();
  expect(chosen({ namespaces: ["go-app"] }, asked, ["go-app"])).toBe("go-app-db");
});

test("a refusal says what the policy reaches", () => {
  const names = policy({ target: { ...policy().target, names: ["go-app"] } });
  expect(whyNotReached(names, asked, [])).toBe("policy go-app-pods names only go-app");
  expect(whyNotReached(policy(), { namespace: "shop", name: "x" }, [])).toBe("policy go-app-pods reaches only go-app");
});

test("asking for a fault leaves the policy's other faults out", () => {
  const both = policy({
    faults: [
      { fault: { kind: "pod-delete" }, weight: 1 },
      { fault: { kind: "pod-evict" }, weight: 1 },
    ],
  });
  expect(narrowed(both, { fault: "pod-evict" }, []).faults.map((one) => one.fault.kind)).toEqual(["pod-evict"]);
  expect(narrowed(both, { fault: "node-drain" }, []).faults).toEqual([]);
});
