import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { rbacManifests } from "../../../src/adapters/kubernetes/rights/rbac.ts";
import { type Right, rightsFor } from "../../../src/adapters/kubernetes/rights/rights.ts";
import type { Config } from "../../../src/config/load/config.ts";
import { loadConfig } from "../../../src/config/load/load.ts";

const DEPLOY = join(import.meta.dirname, "..", "..", "..", "deploy");
const BASE = "kustomize/base";
const EXAMPLE = "examples/go-app";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface PodSpec {
  readonly securityContext?: unknown;
  readonly containers: readonly {
    readonly image: string;
    readonly args?: readonly string[];
    readonly env?: readonly { readonly name: string; readonly value?: string }[];
  }[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
  readonly spec?: {
    readonly template?: { readonly spec: PodSpec };
    readonly jobTemplate?: { readonly spec: { readonly template: { readonly spec: PodSpec } } };
  };
}

const manifests = (...files: string[]): Manifest[] =>
  files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(DEPLOY, file), "utf8")).map((document): Manifest => document.toJS()),
  );

const podOf = ({ spec }: Manifest): PodSpec | undefined =>
  spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec;

/** What an overlay puts into the environment. */
const STORAGE = { AFTERSHOCK_STORAGE_URL: "redis://:secret@aftershock-redis.aftershock:6379" };

const configOf = async (folder: string): Promise<Config> =>
  (await loadConfig(join(DEPLOY, folder, "aftershock.yaml"), STORAGE, (path) => readFile(path, "utf8"))).config;

const granted = (roles: readonly Manifest[]): string[] =>
  roles.flatMap(({ metadata, rules = [] }) =>
    rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [""] }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.flatMap((verb) =>
            resourceNames.map((name) => [metadata.namespace ?? "the cluster", verb, group, resource, name].join(" ")),
          ),
        ),
      ),
    ),
  );

const needed = (rights: readonly Right[]): string[] =>
  rights.flatMap(({ namespace, group, resource, verbs, names = [""] }) =>
    verbs.flatMap((verb) => names.map((name) => [namespace ?? "the cluster", verb, group, resource, name].join(" "))),
  );

/** A policy that is not armed injects nothing, and needs no right to. */
const rightsOf = (config: Config): readonly Right[] =>
  rightsFor({
    faults: config.policies
      .filter(({ mode }) => mode === "inject")
      .flatMap(({ faults }) => faults.map(({ fault }) => fault.kind)),
    namespaces: config.policies.flatMap(({ target }) => target.namespaces),
    ownNamespace: "aftershock",
    leaseName: config.kubernetes.lease,
  });

describe.each([
  { name: "base", folder: BASE, roles: [`${BASE}/rbac.yaml`, `${BASE}/rbac-default.yaml`], mode: "sham" },
  { name: "go-app example", folder: EXAMPLE, roles: [`${BASE}/rbac.yaml`, `${EXAMPLE}/rbac.yaml`], mode: "inject" },
])("the $name", ({ folder, roles, mode }) => {
  test(`has a configuration that is accepted, in mode ${mode}`, async () => {
    expect((await configOf(folder)).mode).toBe(mode);
  });

  test("grants what its configuration needs, and nothing else", async () => {
    const rules = manifests(...roles).filter(({ kind }) => /^(Cluster)?Role$/.test(kind));
    expect(granted(rules).sort()).toEqual(needed(rightsOf(await configOf(folder))).sort());
  });
});

test("what `aftershock rbac` prints has other names than these roles: applying either removes nothing of the other", async () => {
  const named = ({ kind, metadata }: { kind: string; metadata: Manifest["metadata"] }) =>
    `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
  const printed = rbacManifests(rightsOf(await configOf(EXAMPLE)), {
    serviceAccount: "aftershock",
    namespace: "aftershock",
  });
  const ours = manifests(`${BASE}/rbac.yaml`, `${BASE}/rbac-default.yaml`, `${EXAMPLE}/rbac.yaml`).map(named);
  expect(printed.length).toBeGreaterThan(4);
  expect(printed.map(named).filter((name) => ours.includes(name))).toEqual([]);
});

test("the example hits workloads of one replica, which the base leaves alone", async () => {
  const single = async (folder: string) => (await configOf(folder)).policies.map(({ limits }) => limits.singleReplica);
  expect([await single(BASE), await single(EXAMPLE)]).toEqual([["skip"], ["allow"]]);
});

test("the CronJob runs one experiment a time, and never twice", () => {
  const [job] = manifests(`${EXAMPLE}/cronjob.yaml`);
  expect(job?.spec).toMatchObject({
    suspend: true,
    schedule: "*/2 * * * *",
    concurrencyPolicy: "Forbid",
    startingDeadlineSeconds: expect.any(Number),
    jobTemplate: { spec: { backoffLimit: 0, template: { spec: { restartPolicy: "Never" } } } },
  });
  expect(podOf(job!)?.containers[0]?.args?.join(" ")).toContain("run --policy go-app-pods --once --refused-ok");
});

test("without a worker, another CronJob takes over every few minutes what a killed run left", () => {
  const look = manifests(`${EXAMPLE}/cronjob.yaml`)[1];
  expect(look?.spec).toMatchObject({
    schedule: "*/5 * * * *",
    concurrencyPolicy: "Forbid",
    jobTemplate: { spec: { backoffLimit: 0, template: { spec: { restartPolicy: "Never" } } } },
  });
  expect(podOf(look!)?.containers[0]?.args?.[0]).toBe("follow-up");
});

test.each([
  { name: "worker", file: `${BASE}/deployment.yaml` },
  { name: "experiment", file: `${EXAMPLE}/cronjob.yaml` },
  { name: "traffic", file: `${EXAMPLE}/traffic.yaml` },
  { name: "application", file: `${EXAMPLE}/app.yaml` },
  { name: "Redis", file: "kustomize/redis/redis.yaml" },
])("the $name runs without rights on its node, and with limits", ({ file }) => {
  const pods = manifests(file).flatMap((manifest) => podOf(manifest) ?? []);
  expect(pods.length).toBeGreaterThan(0);
  for (const { securityContext } of pods)
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  for (const container of pods.flatMap((pod) => pod.containers)) {
    expect(container).toMatchObject({
      resources: {
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
    });
  }
});

describe.each(["embedded", "redis", "postgres"])("the overlay %s", (overlay) => {
  const folder = `kustomize/${overlay}`;

  test("names the storage that the base leaves open, and no password", () => {
    const [deployment] = manifests(`${folder}/deployment.yaml`);
    const env = podOf(deployment!)?.containers[0]?.env ?? [];
    const url = env.find(({ name }) => name === "AFTERSHOCK_STORAGE_URL");
    expect(url).toBeDefined();
    for (const { value = "" } of env) expect(value).not.toMatch(/:[^$@/]+@/);
  });

  test("has one worker on a volume of its own, and two on a storage that they share", () => {
    const [deployment] = manifests(`${folder}/deployment.yaml`);
    expect(deployment?.spec).toMatchObject(
      overlay === "embedded" ? { replicas: 1, strategy: { type: "Recreate" } } : { replicas: 2 },
    );
  });
});

test("no image has a tag outside images:", () => {
  const files = [
    `${BASE}/deployment.yaml`,
    "kustomize/redis/redis.yaml",
    ...["app", "traffic", "cronjob"].map((name) => `${EXAMPLE}/${name}.yaml`),
  ];
  const images = manifests(...files).flatMap((one) => podOf(one)?.containers.map(({ image }) => image) ?? []);
  expect(new Set(images)).toEqual(new Set(["aftershock", "redis"]));
});
