import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";
import { loadConfig } from "../../src/config/load/load.ts";
import { describeWith, findProgram } from "../support/requires.ts";

/**
 * The chart: what it makes, beside kustomize, and installed on a real cluster with AFTERSHOCK_IMAGE
 * (NAME:TAG).
 */
const { AFTERSHOCK_IMAGE, PROMETHEUS_URL } = process.env;
const ROOT = join(import.meta.dirname, "..", "..");
const CHART = join(ROOT, "deploy", "helm", "aftershock");
const text = (path: string): string => readFileSync(join(ROOT, path), "utf8");

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: object };
  readonly data?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const documents = (yaml: string): Manifest[] =>
  parseAllDocuments(yaml)
    .map((document): Manifest | null => document.toJS())
    .filter((manifest) => manifest !== null);

describeWith("helm", "the chart", () => {
  const template = (...args: string[]): Manifest[] =>
    documents(
      execFileSync(
        "helm",
        ["template", "aftershock", CHART, "--namespace", "aftershock", "--kube-version", "1.33.0", ...args],
        {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
        },
      ),
    );
  const refused = (...args: string[]): string => {
    try {
      template(...args);
    } catch (cause) {
      return String((cause as { stderr?: string }).stderr);
    }
    throw new Error("the chart accepted these values");
  };
  const kustomized = (overlay: string): Manifest[] =>
    documents(execFileSync("kubectl", ["kustomize", join(ROOT, "deploy/kustomize", overlay)], { encoding: "utf8" }));

  test("is accepted by helm lint", () => {
    expect(
      execFileSync("helm", ["lint", "--strict", "--kube-version", "1.33.0", CHART], { encoding: "utf8" }),
    ).toContain("0 chart(s) failed");
  });

  test.each([
    { kind: "embedded", args: [] },
    { kind: "redis", args: ["--set", "storage.kind=redis"] },
    { kind: "external", args: ["--set", "storage.kind=external,storage.external.existingSecret=db"] },
  ])("has a configuration that is accepted, with $kind storage", async ({ args }) => {
    const map = template(...args).find(({ kind }) => kind === "ConfigMap") as unknown as {
      data: Record<string, string>;
    };
    const { config } = await loadConfig(
      "aftershock.yaml",
      { AFTERSHOCK_STORAGE_URL: "redis://redis:6379" },
      async () => map.data["aftershock.yaml"]!,
    );
    expect(config.mode).toBe("sham");
  });

  describe("beside kustomize", () => {
    test.each([
      { name: "embedded", overlay: "embedded", args: [] },
      { name: "redis", overlay: "redis", args: ["--set", "storage.kind=redis"] },
      {
        name: "external",
        overlay: "postgres",
        args: ["--set", "storage.kind=external,storage.external.existingSecret=aftershock-postgres"],
      },
    ])("makes the objects of the overlay $overlay, with the same pods", ({ overlay, args }) => {
      // the chart grants nothing in namespaces of policies, and Helm makes the namespace itself
      const ours = kustomized(overlay).filter(
        ({ kind, metadata }) => kind !== "Namespace" && metadata.namespace !== "default",
      );
      const theirs = template("--set", "slack.existingSecret=aftershock", ...args).filter(
        ({ metadata }) => metadata.name !== "aftershock-doctor",
      );
      expect(theirs.map(named).toSorted()).toEqual(ours.map(named).toSorted());
      for (const kind of ["Deployment", "StatefulSet", "Role", "ClusterRole", "NetworkPolicy", "PersistentVolumeClaim"])
        expect(theirs.filter((one) => one.kind === kind).map(essence)).toEqual(
          ours.filter((one) => one.kind === kind).map(essence),
        );
    });
  });

  test("refuses a misspelt value, a misspelt key of the configuration, and a storage without its Secret", () => {
    expect(refused("--set", "replcas=3")).toMatch(/replcas/);
    expect(refused("--set", "config.modus=inject")).toMatch(/modus/);
    expect(refused("--set", "storage.kind=external")).toContain("storage.external.existingSecret is needed");
  });

  test("brings roles in namespaces alone where nodes are left out", () => {
    const kinds = template("--set", "config.kubernetes.nodes=leave-out").map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind.startsWith("Cluster"))).toEqual([]);
    expect(kinds).toContain("Role");
  });

  test("switches bring their objects, and only these", () => {
    const plain = template("--set", "storage.kind=redis").map(named);
    const all = template(
      "--set",
      "storage.kind=redis,podMonitor.enabled=true,prometheusRule.enabled=true,networkPolicy.enabled=true," +
        "podDisruptionBudget.enabled=true,grafanaDashboard.enabled=true,ingress.enabled=true,ingress.host=aftershock.example.com",
    );
    expect(
      all
        .map(named)
        .filter((name) => !plain.includes(name))
        .toSorted(),
    ).toEqual([
      "ConfigMap aftershock/aftershock-grafana",
      "Ingress aftershock/aftershock",
      "NetworkPolicy aftershock/aftershock",
      "PodDisruptionBudget aftershock/aftershock",
      "PodMonitor aftershock/aftershock",
      "PrometheusRule aftershock/aftershock",
      "PrometheusRule aftershock/aftershock-alerts",
    ]);
    const rules = all.filter(({ kind }) => kind === "PrometheusRule").map(({ spec }) => spec);
    expect(rules).toEqual(["rules", "alerts"].map((what) => parse(text(`rules/prometheus/aftershock.${what}.yaml`))));
    const shown = all.find((one) => named(one) === "ConfigMap aftershock/aftershock-grafana");
    expect(shown?.metadata.labels).toMatchObject({ grafana_dashboard: "1" });
    expect(JSON.parse(shown?.data?.["aftershock.json"] ?? "")).toEqual(
      JSON.parse(text("deploy/grafana/aftershock.json")),
    );
  });
});

describe.skipIf(AFTERSHOCK_IMAGE === undefined || findProgram("helm") === null)("the chart on a cluster", () => {
  const NAMESPACE = "aftershock-chart";
  const own = ["--namespace", NAMESPACE];
  const command = (file: string, args: readonly string[], input = ""): string => {
    try {
      return execFileSync(file, args, {
        encoding: "utf8",
        input,
        stdio: ["pipe", "pipe", "pipe"],
        maxBuffer: 16 << 20,
      });
    } catch (cause) {
      // what a test pod logged stands in the output, not among the errors
      const { message, stdout } = cause as { message: string; stdout?: string };
      throw new Error(`${message}\n${stdout ?? ""}`);
    }
  };
  const inPod = (...args: string[]): string =>
    command("kubectl", [
      ...own,
      "exec",
      "deploy/aftershock",
      "--",
      "node",
      "dist/aftershock.mjs",
      ...args,
      "-c",
      "/etc/aftershock/aftershock.yaml",
    ]);
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aftershock-chart-"));
    await mkdir(join(folder, "data"));
    await chmod(folder, 0o755);
    await chmod(join(folder, "data"), 0o777);
    const [repository, tag] = AFTERSHOCK_IMAGE!.split(":");
    const values = {
      image: { repository, tag },
      config: {
        cluster: "lab",
        mode: "sham",
        prometheus: { url: PROMETHEUS_URL },
        observation: { step: "10s", before: "2m", early: "1m", grace: "20s", late: "1m" },
        policies: [
          {
            name: "go-app-pods",
            schedule: { cron: "0 3 1 1 *", timezone: "UTC" },
            target: { namespaces: ["go-app"] },
            faults: [{ kind: "pod-delete" }],
            limits: { singleReplica: "allow", minAge: "0s" },
          },
        ],
      },
    };
    await writeFile(join(folder, "values.yaml"), stringify(values));
    const volume = {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: "aftershock-chart" },
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        hostPath: { path: join(folder, "data") },
        claimRef: { namespace: NAMESPACE, name: "aftershock" },
      },
    };
    command("kubectl", ["apply", "-f", "-"], stringify(volume));
  });
  afterAll(async () => {
    command("helm", ["uninstall", "aftershock", ...own, "--wait"]);
    command("kubectl", ["delete", "namespace", NAMESPACE, "--timeout=120s"]);
    command("kubectl", ["delete", "persistentvolume", "aftershock-chart"]);
    command("kubectl", ["delete", "role,rolebinding", "-A", "-l", "app.kubernetes.io/managed-by=aftershock-rbac"]);
    await rm(folder, { recursive: true });
  }, 300_000);

  test("is Ready within a minute of one command, and its test runs doctor once the printed rights are granted", () => {
    const values = ["--values", join(folder, "values.yaml")];
    command("helm", [
      "install",
      "aftershock",
      CHART,
      ...own,
      "--create-namespace",
      ...values,
      "--wait",
      "--timeout",
      "60s",
    ]);
    command("kubectl", ["apply", "-f", "-"], inPod("rbac"));
    expect(command("helm", ["test", "aftershock", ...own, "--logs", "--timeout", "180s"])).toMatch(
      /Phase:\s+Succeeded/,
    );
    // a second grant after an upgrade removes nothing, and the upgrade keeps the grant
    command("helm", ["upgrade", "aftershock", CHART, ...own, ...values, "--wait", "--timeout", "120s"]);
    expect(command("kubectl", ["-n", "go-app", "get", "role", "aftershock-granted", "-oname"])).toContain("granted");
  }, 400_000);
});

const named = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;

interface Container {
  readonly image?: string;
  readonly env?: readonly { readonly name: string }[];
}

const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name);

/** What must be the same in both: specs and rules, without image and label of a release. */
function essence(manifest: Manifest): unknown {
  const { kind, metadata, ...rest } = JSON.parse(JSON.stringify(manifest));
  const pod = rest.spec?.template;
  if (pod !== undefined) {
    delete pod.metadata;
    for (const container of pod.spec.containers as Record<string, unknown>[]) {
      const { image, imagePullPolicy, env = [], ...same } = container as Container & Record<string, unknown>;
      Object.assign(container, same, { env: (env as Container["env"] & object).toSorted(byName) });
      delete container.image;
      delete container.imagePullPolicy;
    }
    pod.spec.securityContext.fsGroup ??= 1000;
    pod.spec.volumes?.sort(byName);
    for (const container of pod.spec.containers) container.volumeMounts?.sort(byName);
  }
  return { kind, name: metadata.name, namespace: metadata.namespace, ...rest };
}
