import { describe, expect, test } from "vitest";
import { rbacManifests } from "../../../src/adapters/kubernetes/rights/rbac.ts";
import { accessQuestions, type RightsNeeds, rightsFor } from "../../../src/adapters/kubernetes/rights/rights.ts";
import { FAULT_KINDS } from "../../../src/core/model/fault.ts";

const needs = (changes: Partial<RightsNeeds> = {}): RightsNeeds => ({
  faults: ["pod-delete"],
  namespaces: ["go-app"],
  ownNamespace: "aftershock",
  leaseName: "aftershock",
  ...changes,
});
const flat = (changes: Partial<RightsNeeds> = {}): string[] =>
  rightsFor(needs(changes)).flatMap(({ namespace, resource, verbs }) =>
    verbs.map((verb) => `${verb} ${resource} ${namespace ?? "*"}`),
  );
const READING = ["get", "list", "watch"];
const dangerous = (changes: Partial<RightsNeeds>): string[] =>
  flat(changes).filter((one) => !READING.includes(one.split(" ")[0]!) && !/ (leases|events) /.test(one));

describe("rights", () => {
  test.each([
    { faults: [], rights: [] },
    { faults: ["pod-delete"], rights: ["delete pods go-app"] },
    { faults: ["pod-kill"], rights: ["delete pods go-app"] },
    { faults: ["pod-evict"], rights: ["create pods/eviction go-app"] },
    { faults: ["pod-delete", "pod-kill", "pod-evict"], rights: ["delete pods go-app", "create pods/eviction go-app"] },
    { faults: ["node-drain"], rights: ["create pods/eviction go-app", "patch nodes *"] },
    { faults: ["zone-outage"], rights: ["delete pods go-app", "patch nodes *"] },
    {
      faults: ["http-abort", "http-delay"],
      rights: ["create virtualservices go-app", "patch virtualservices go-app", "delete virtualservices go-app"],
    },
  ] as const)("of $faults change $rights and nothing else", ({ faults, rights }) => {
    expect(dangerous({ faults })).toEqual([...rights]);
  });

  test("never hold a wildcard, a secret, an exec or a deletion of collections, whatever is configured", () => {
    const text = JSON.stringify([
      rightsFor(needs({ faults: FAULT_KINDS })),
      rightsFor(needs({ faults: FAULT_KINDS, everywhere: true, readEverywhere: true })),
    ]);
    expect(text).not.toMatch(/\*|secret|exec|deletecollection|configmaps/);
  });

  test("reach no namespace that is not named", () => {
    const found = new Set(
      rightsFor(needs({ faults: ["pod-delete", "pod-evict"], namespaces: ["a", "b"] })).map((one) => one.namespace),
    );
    expect(found).toEqual(new Set(["a", "b", null, "aftershock"]));
  });

  test("lie in namespaces alone where nodes are left out", () => {
    const rights = rightsFor(needs({ withoutNodes: true }));
    expect(rights.filter(({ namespace }) => namespace === null)).toEqual([]);
    expect(rbacManifests(rights, { namespace: "aftershock", serviceAccount: "a" }).map(({ kind }) => kind)).toEqual([
      ...["Role", "RoleBinding", "Role", "RoleBinding"],
    ]);
  });

  test("of patterns count in the whole cluster, where namespaces must be listed", () => {
    expect(flat({ namespaces: ["team-*"], everywhere: true })).toEqual(
      expect.arrayContaining(["delete pods *", "list namespaces *"]),
    );
  });

  test("to read policies of teams are given in their namespaces, and only when there are teams", () => {
    expect(flat().join()).not.toContain("configmaps");
    const teams = { namespaces: ["shop"], faults: ["pod-evict"] as const };
    expect(flat({ teams }).filter((one) => one.includes("configmaps"))).toEqual([
      "list configmaps shop",
      "watch configmaps shop",
    ]);
    expect(flat({ teams })).toEqual(expect.arrayContaining(["create events shop", "list pods shop"]));
    expect(dangerous({ teams })).toEqual(["delete pods go-app", "create pods/eviction shop"]);
    expect(dangerous({ teams: { ...teams, faults: [] } })).toEqual(["delete pods go-app"]);
  });

  test("to read callers in other namespaces do not widen what may be hit", () => {
    expect(flat({ readEverywhere: true })).toContain("list pods *");
    expect(dangerous({ readEverywhere: true })).toEqual(["delete pods go-app"]);
  });

  test("on the lease are tied to its name, except to create it", () => {
    const leases = rightsFor(needs()).filter((one) => one.resource === "leases");
    expect(leases).toEqual([
      { namespace: "aftershock", group: "coordination.k8s.io", resource: "leases", verbs: ["create"] },
      {
        namespace: "aftershock",
        group: "coordination.k8s.io",
        resource: "leases",
        verbs: ["get", "watch", "update", "patch"],
        names: ["aftershock"],
      },
    ]);
  });

  test("become questions to the API server, one a verb", () => {
    const questions = accessQuestions(rightsFor(needs({ faults: ["pod-evict"] })));
    expect(questions).toContainEqual({
      verb: "create",
      group: "",
      resource: "pods",
      subresource: "eviction",
      namespace: "go-app",
    });
    expect(questions).toContainEqual({
      verb: "patch",
      group: "coordination.k8s.io",
      resource: "leases",
      namespace: "aftershock",
      name: "aftershock",
    });
  });
});

describe("manifests", () => {
  const manifests = rbacManifests(rightsFor(needs()), { serviceAccount: "worker", namespace: "aftershock" });

  test("are a Role and a binding a namespace, and one ClusterRole for nodes", () => {
    expect(manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? "*"}/${metadata.name}`)).toEqual([
      "Role go-app/aftershock-granted",
      "RoleBinding go-app/aftershock-granted",
      "ClusterRole */aftershock-granted-aftershock",
      "ClusterRoleBinding */aftershock-granted-aftershock",
      "Role aftershock/aftershock-granted",
      "RoleBinding aftershock/aftershock-granted",
    ]);
  });

  test("bind everything to the one service account", () => {
    const subjects = manifests.flatMap((one) => (one.subjects === undefined ? [] : [one.subjects]));
    expect(subjects).toEqual(Array(3).fill([{ kind: "ServiceAccount", name: "worker", namespace: "aftershock" }]));
  });

  test("put a role's own namespace and the target's in one role when they are the same", () => {
    const same = rbacManifests(rightsFor(needs({ namespaces: ["aftershock"] })), {
      serviceAccount: "worker",
      namespace: "aftershock",
    });
    expect(same.filter((one) => one.kind === "Role")).toHaveLength(1);
  });
});
