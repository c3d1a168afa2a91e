import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { untilThereIsAPast } from "./support/story.ts";

/**
 * The manifests of deploy/ on a real cluster, as users apply them, with the program in its image. AFTERSHOCK_IMAGE and REDIS_IMAGE name
 * images that the nodes have (NAME:TAG); PROMETHEUS_URL is what pods reach; the go-app story runs in namespace `go-app`.
 */
const { AFTERSHOCK_IMAGE, REDIS_IMAGE, PROMETHEUS_URL, STORY_MANIFEST } = process.env;
const EXAMPLE = join(import.meta.dirname, "..", "..", "deploy", "examples", "go-app");
const APP = ["--namespace", "go-app"];
const OWN = ["--namespace", "aftershock"];

function kubectl(args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile("kubectl", args, { maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`kubectl ${args.join(" ")}: ${stderr || error.message}`));
    });
    child.stdin?.end(input);
  });
}

/** Asks until `ask` gives a value, at most `seconds`; `undefined` means not yet. */
async function eventually<T>(seconds: number, what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (let left = seconds; left > 0; left -= 5) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(5_000);
  }
  throw new Error(`gave up waiting for ${what}`);
}

const image = (name: string, wanted: string): string => {
  const [newName, newTag] = wanted.split(":");
  return `  - { name: ${name}, newName: ${newName}, newTag: "${newTag}" }`;
};

/** The example with other images, another Prometheus and windows of two minutes. */
async function writeOverlay(folder: string): Promise<void> {
  await writeFile(
    join(folder, "kustomization.yaml"),
    `resources: [${relative(folder, EXAMPLE)}]
images:
${image("aftershock", AFTERSHOCK_IMAGE ?? "")}
${image("redis", REDIS_IMAGE ?? "")}
configMapGenerator:
  - { name: aftershock, namespace: aftershock, behavior: replace, files: [aftershock.yaml] }
generatorOptions: { disableNameSuffixHash: true }
`,
  );
  await writeFile(
    join(folder, "aftershock.yaml"),
    `cluster: lab
mode: inject
prometheus: { url: "${PROMETHEUS_URL}" }
storage: { url: "redis://redis.aftershock:6379" }
observation: { step: 10s, before: 2m, early: 1m, grace: 20s, late: 1m }
gates: { degradedWindow: 1m }
policies:
  - name: go-app-pods
    schedule: { cron: "0 3 1 1 *", timezone: UTC, shamShare: 0 }
    target: { namespaces: [go-app], exclude: { labels: "app=load" } }
    faults: [{ kind: pod-delete }]
    limits: { perDay: 200, cooldown: 0s, maxUnavailable: 100%, singleReplica: allow, minAge: 0s, confirmations: 0 }
`,
  );
}

interface Ended {
  readonly condition: "Complete" | "Failed";
  readonly log: string;
}

/**
 * An experiment against one workload that no gate refuses: what an earlier test broke and cured counts as degraded until its failures
 * have left the gates' window.
 */
async function experiment(name: string, target: string): Promise<Ended> {
  let attempt = 0;
  return eventually(420, `a gate that lets ${name} pass`, async () => {
    attempt += 1;
    const ended = await runJob(`${name}-${attempt}`, target);
    return ended.log.includes("refused by the gate") ? undefined : ended;
  });
}

/** Longer than the window before an injection: an earlier experiment in it would leave too little to compare with. */
const APART_MS = 130_000;

/** Runs the CronJob's Job once, now, and waits for its end. */
async function runJob(name: string, target: string): Promise<Ended> {
  const made = await kubectl([
    ...OWN,
    "create",
    "job",
    name,
    "--from=cronjob/aftershock-go-app",
    "--dry-run=client",
    "-ojson",
  ]);
  const job = JSON.parse(made);
  job.spec.template.spec.containers[0].args.push("--target", target);
  await kubectl([...OWN, "create", "-f", "-"], JSON.stringify(job));
  const condition = await eventually(400, `the end of job ${name}`, async () => {
    const { status } = JSON.parse(await kubectl([...OWN, "get", "job", name, "-ojson"]));
    const ends: { type: string; status: string }[] = status.conditions ?? [];
    return ends.find((one) => (one.type === "Complete" || one.type === "Failed") && one.status === "True")?.type;
  });
  return { condition: condition as Ended["condition"], log: await kubectl([...OWN, "logs", `job/${name}`]) };
}

/** What the journal holds of one experiment, told by the worker's pod. */
async function explained(id: string): Promise<{ readonly headline: string; readonly recoveredAfterMs: number | null }> {
  const command = [
    "node",
    "/app/dist/aftershock.mjs",
    "explain",
    id,
    "--json",
    "-c",
    "/etc/aftershock/aftershock.yaml",
  ];
  return JSON.parse(await kubectl([...OWN, "exec", "deployment/aftershock", "--", ...command])).experiment;
}

const settled = async (namespace: readonly string[], ...deployments: string[]) => {
  for (const name of deployments)
    await kubectl([...namespace, "rollout", "status", "deployment", name, "--timeout=180s"]);
};

describe.skipIf(AFTERSHOCK_IMAGE === undefined || REDIS_IMAGE === undefined)("deployed in the cluster", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aftershock-deploy-"));
    await writeOverlay(folder);
    if (STORY_MANIFEST !== undefined) await kubectl(["apply", "-f", STORY_MANIFEST]);
    await settled(APP, "go-app-db", "go-app", "repeater", "load");
    await untilThereIsAPast();
    await kubectl(["apply", "-k", folder]);
  }, 500_000);
  afterAll(async () => {
    await kubectl(["delete", "-k", folder, "--wait=false"]);
    await kubectl([...APP, "rollout", "restart", "deployment", "go-app"]);
    await settled(APP, "go-app");
    await rm(folder, { recursive: true });
  }, 300_000);

  test("the worker becomes ready, with the rights and the storage of the manifests", async () => {
    await settled(OWN, "redis", "aftershock");
    const path = "/api/v1/namespaces/aftershock/services/aftershock:http/proxy/readyz";
    expect(await kubectl(["get", "--raw", path])).toMatch(/ok|ready/i);
  }, 400_000);

  test("an experiment that harms nobody ends its job as Complete", async () => {
    const { condition, log } = await experiment("harmless", "go-app/repeater");
    expect({ condition, log }).toMatchObject({
      condition: "Complete",
      log: expect.stringContaining("pod-delete: go-app/repeater-"),
    });
  }, 900_000);

  test("the death of the db pod ends its job as Failed, and says what is to blame", async () => {
    await sleep(APART_MS);
    const { condition, log } = await experiment("db-lost", "go-app/go-app-db");
    const [id = ""] = /go-app-pods-\d{8}T\d{6}Z/.exec(log) ?? [];
    const before = await explained(id);
    expect(before, JSON.stringify(before, null, 1)).toMatchObject({ headline: "persistent", recoveredAfterMs: null });
    expect(condition).toBe("Failed");
    expect(log).toContain("go-app-db is a single point of failure");
    await kubectl([...APP, "rollout", "restart", "deployment", "go-app"]);
    const { recoveredAfterMs } = await eventually(500, "recovered", async () => {
      const now = await explained(id);
      return now.recoveredAfterMs === null ? undefined : now;
    });
    expect(recoveredAfterMs).toBeGreaterThan(0);
  }, 1_200_000);
});
