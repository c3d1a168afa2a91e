import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The built program: what users run is what is tested. */
export const PROGRAM = new URL("../../../dist/aftershock.mjs", import.meta.url).pathname;

export interface LabStory {
  readonly folder: string;
  readonly config: string;
  /** Pods of the namespace that are not Ready. */
  unreadyPods(): Promise<readonly string[]>;
  /** Names of the pods with `app=NAME`. */
  podNames(app: string): Promise<readonly string[]>;
  /** `kubectl rollout restart`, and its end. */
  restart(deployment: string): Promise<void>;
  /** Looks at the open experiment until it says recovered. */
  waitForRecovery(): Promise<ExperimentJson>;
  close(): Promise<void>;
}

export interface ExperimentJson {
  readonly id: string;
  readonly phase: string;
  readonly target: string;
  readonly headline: string | null;
  readonly refusal: { readonly gate: string; readonly why: string } | null;
  readonly verdicts: readonly { readonly service: string; readonly signal: string; readonly verdict: string }[];
  readonly findings: readonly { readonly weakness: string; readonly workload: string }[];
  readonly recoveredAfterMs: number | null;
  readonly cure: string | null;
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly json: { readonly experiments: readonly ExperimentJson[] } | null;
}

/** Runs `file` to its end; never rejects for an exit code. */
function exec(file: string, args: readonly string[]): Promise<Omit<Ran, "json">> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") reject(error);
      else resolve({ exitCode: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

/** One command of the program with the story's configuration. */
export async function aftershock(story: Pick<LabStory, "config">, ...args: readonly string[]): Promise<Ran> {
  const ran = await exec(process.execPath, [PROGRAM, ...args, "--config", story.config]);
  return { ...ran, json: args.includes("--json") && ran.stdout.trim() !== "" ? JSON.parse(ran.stdout) : null };
}

async function kubectl(...args: readonly string[]): Promise<string> {
  const ran = await exec("kubectl", ["--namespace", "go-app", ...args]);
  if (ran.exitCode !== 0) throw new Error(`kubectl ${args.join(" ")}: ${ran.stderr}`);
  return ran.stdout;
}

const DEPLOYMENTS = ["go-app-db", "go-app", "repeater", "load"];

/** What one test wants otherwise. */
export interface StoryChanges {
  readonly storage?: string;
  readonly schedule?: string;
  /** Only these workloads. */
  readonly names?: readonly string[];
  readonly perDay?: number;
}

/**
 * Applies the story where its manifest is given, waits until it stands and has a past, and writes a
 * configuration for it.
 */
export async function openStory(changes: StoryChanges = {}): Promise<LabStory> {
  const manifest = process.env.STORY_MANIFEST;
  if (manifest !== undefined) await kubectl("apply", "-f", manifest);
  await settled();
  await untilThereIsAPast();
  const folder = await mkdtemp(join(tmpdir(), "aftershock-cluster-"));
  const config = join(folder, "aftershock.yaml");
  await writeFile(config, configuration(folder, changes));
  const story: LabStory = {
    folder,
    config,
    unreadyPods: async () => {
      const pods = (await kubectl("get", "pods", "--no-headers")).trim().split("\n");
      return pods.filter((line) => !/\s(\d+)\/\1\s+Running/.test(line));
    },
    podNames: async (app) => (await kubectl("get", "pods", "-l", `app=${app}`, "-o", "name")).trim().split("\n"),
    restart: async (deployment) => {
      await kubectl("rollout", "restart", "deployment", deployment);
      await settled();
    },
    waitForRecovery: () => waitForRecovery(story),
    close: () => rm(folder, { recursive: true, force: true }),
  };
  return story;
}

/** The window before an injection is two minutes long; one more for scrapes. */
const PAST_MS = 180_000;

/** Waits until traffic has flowed for as long as an experiment looks back. */
export async function untilThereIsAPast(): Promise<void> {
  const created = await kubectl(
    "get",
    "pods",
    "-l",
    "app=load",
    "-o",
    "jsonpath={.items[0].metadata.creationTimestamp}",
  );
  await sleep(Math.max(0, Date.parse(created) + PAST_MS - Date.now()));
}

async function settled(): Promise<void> {
  for (const name of DEPLOYMENTS) await kubectl("rollout", "status", "deployment", name, "--timeout=120s");
}

/** Small windows, so that an experiment takes two minutes and not half an hour. */
function configuration(folder: string, changes: StoryChanges): string {
  return `
cluster: lab
mode: inject
kubernetes: { namespace: default }
prometheus: { url: "${process.env.PROMETHEUS_URL ?? "http://127.0.0.1:9090"}" }
storage: { url: "${changes.storage ?? `embedded:${folder}/data`}" }
signals: istio
observation: { step: 10s, before: 2m, early: 1m, grace: 20s, late: 1m }
policies:
  - name: go-app-pods
    schedule: ${changes.schedule ?? '{ cron: "* * * * *", timezone: UTC, shamShare: 0 }'}
    target: { namespaces: [go-app], names: [${(changes.names ?? []).join(", ")}], exclude: { labels: "app=load" } }
    faults: [{ kind: pod-delete, weight: 1 }]
    limits: { perDay: ${changes.perDay ?? 200}, cooldown: 0s, maxUnavailable: 100%, singleReplica: allow, minAge: 0s, confirmations: 0 }
gates: { degradedWindow: 1m }
web: { host: 127.0.0.1, port: 0 }
`;
}

async function waitForRecovery(story: LabStory): Promise<ExperimentJson> {
  for (let looks = 0; looks < 60; looks++) {
    const { json, stderr } = await aftershock(story, "follow-up", "--json");
    const [experiment] = json?.experiments ?? [];
    if (experiment?.recoveredAfterMs != null) return experiment;
    if (looks === 59) throw new Error(`not recovered: ${stderr} ${JSON.stringify(json)}`);
    await sleep(5_000);
  }
  throw new Error("unreachable");
}
