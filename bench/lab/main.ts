import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readOptions } from "../lib/options.ts";
import type { Rate } from "../truth/summary.ts";
import { type Mesh, manifests, NODE_POOL } from "./apps.ts";
import { runLane } from "./lane.ts";
import { loadMachine } from "./load.ts";
import { openMailbox } from "./mailbox.ts";
import { restorePower } from "./power.ts";
import { kubectl } from "./program.ts";
import { append, type LabRecord, readRecords } from "./record.ts";
import { SCENARIOS } from "./scenarios.ts";
import { type LabSummary, summarize } from "./summary.ts";
import type { Lane } from "./turn.ts";
import { type LabWindows, NODE_WINDOWS, WINDOWS } from "./windows.ts";

const USAGE = `Runs experiments and shams on applications of our own making in the cluster of KUBECONFIG, and says how many verdicts were right.

  PROMETHEUS_URL=http://… npm run bench:lab -- --image NAME:TAG --folder DIR [--minutes 60] [--lanes 1] [--shams 3] [--rate 10] [--stress 4] [--only REGEXP] [--nodes NAME,NAME,NAME] [--power COMMAND] [--json FILE]

  --image    our own image, as the nodes have it: the applications are its sample parts
  --folder   records and storage; a campaign that is started again in it goes on
  --minutes  no experiment begins after so many; 0 prints what the folder holds
  --lanes    lanes of experiments in each mesh, each with applications of its own
  --shams    lanes of shams for each kind of windows in each mesh
  --rate     requests a second into each application
  --stress   workers of stress-ng in a third of the time (0: none)
  --only     lanes whose names match this regular expression, for a machine that carries no more
  --nodes    three nodes or more that nothing else needs: one is drained, and another powered off, in turn
  --power    command that switches a node's power with kill NAME and start NAME (../shared/kube-lab/lab node)
  --keep     leave the applications in the cluster

What is true is known by how the applications are made. On ../shared/kube-lab: lab up, lab prometheus up --scrape 5s, lab image NAME:TAG …, lab exec -- npm run bench:lab -- …`;

const MESHES: readonly Mesh[] = ["stale-and-slow", "stateful-and-retrying"];

const [SHORT, MIDDLE, LONG] = WINDOWS as [LabWindows, LabWindows, LabWindows];

/**
 * In turn; no length divides the number of a mesh's scenarios, so that each scenario meets each
 * kind of windows. Long windows take most of an hour with their rest, so only the first lane has
 * them.
 */
const windowsOf = (lane: number): readonly LabWindows[] =>
  lane === 0 ? [MIDDLE, SHORT, MIDDLE, SHORT, LONG] : [SHORT, MIDDLE, SHORT];

/**
 * Lanes of experiments have a namespace each; those of shams share one for each mesh, for they do
 * nothing to each other.
 */
function lanesOf({ lanes, shams, nodes, power }: Pick<Campaign, "lanes" | "shams" | "nodes" | "power">): Lane[] {
  const pooled = MESHES.flatMap((mesh) => [
    ...Array.from({ length: lanes }, (_, i): Lane => {
      const name = i === 0 ? `lab-${mesh}` : `lab-${mesh}-${i + 1}`;
      const scenarios = SCENARIOS.filter((one) => one.mesh === mesh);
      return { name, mesh, namespace: name, windows: windowsOf(i), scenarios, delayS: 0 };
    }),
    ...WINDOWS.flatMap((windows) =>
      Array.from({ length: shams }, (_, i): Lane => {
        const name = `sham-${mesh}-${windows.stepS}s-${i + 1}`;
        const delayS = (i / shams) * (windows.earlyS + windows.graceS + windows.lateS);
        return { name, mesh, namespace: `sham-${mesh}`, windows: [windows], scenarios: null, delayS };
      }),
    ),
  ]);
  return nodes === "" ? pooled : [...pooled, laneOfNodes(power !== undefined)];
}

/** Drains and losses of power take turns, for they have the same nodes. */
function laneOfNodes(hasPower: boolean): Lane {
  const mesh = "together-on-a-node";
  const scenarios = SCENARIOS.filter((one) => one.mesh === mesh && (hasPower || one.fault !== "node-power-off"));
  const windows = hasPower ? [MIDDLE, NODE_WINDOWS] : [MIDDLE];
  return { name: "lab-nodes", mesh, namespace: "lab-nodes", windows, scenarios, delayS: 0 };
}

const percent = ({ rate, low, high, n }: Rate): string =>
  n === 0 ? "-" : `${(100 * rate).toFixed(1)} % [${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}] of ${n}`;

function print(summary: LabSummary): void {
  const { failures } = summary;
  console.log(
    `${summary.experiments} experiments and ${summary.shams} shams (${summary.shamsUnknown} unknown) with a verdict, ${summary.withoutVerdict} without`,
  );
  console.log(
    `failures: ${failures.right} verdicts right, ${failures.wrong} wrong, ${failures.unknown} unknown: ${percent(summary.failuresRight)}`,
  );
  console.log(
    `false alarms in shams: ${percent(summary.falseAlarms)}; while the machine was loaded: ${percent(summary.falseAlarmsLoaded)}`,
  );
  console.log(`latency not recovered where the cause ends: ${percent(summary.latencyNotRecovered)}`);
  console.log(`open ten minutes after the cause was gone: ${percent(summary.stayedOpen)}`);
  for (const { scenario, right, unknown, n } of summary.scenarios)
    console.log(`told right, ${scenario}: ${right} of ${n}${unknown > 0 ? `, ${unknown} unknown` : ""}`);
  for (const line of summary.wrong) console.log(`  ${line}`);
}

async function main(): Promise<number> {
  const values = readOptions(USAGE, {
    image: { text: "aftershock:ci" },
    folder: { text: "lab-campaign" },
    minutes: { number: 60 },
    lanes: { number: 1 },
    shams: { number: 3 },
    rate: { number: 10, least: 1 },
    stress: { number: 4 },
    only: { text: "" },
    nodes: { text: "" },
    power: { text: undefined },
    keep: { flag: false },
    json: { text: undefined },
  });
  const { folder } = values;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "records.jsonl");
  const records: LabRecord[] = readRecords(file);
  if (values.minutes > 0) await campaign(values, file, records);
  const summary = summarize(records);
  print(summary);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ summary, records }, null, 1)}\n`);
  return summary.failures.wrong === 0 ? 0 : 1;
}

interface Campaign {
  readonly image: string;
  readonly folder: string;
  readonly minutes: number;
  readonly lanes: number;
  readonly shams: number;
  readonly rate: number;
  readonly stress: number;
  readonly only: string;
  readonly nodes: string;
  readonly power: string | undefined;
  readonly keep: boolean;
}

/** The applications of these lanes; returns their namespaces. */
async function deploy(lanes: readonly Lane[], { nodes, power, image, rate }: Campaign): Promise<readonly string[]> {
  const pool = nodes.split(",").filter((name) => name !== "");
  if (power !== undefined) await restorePower(power, pool);
  for (const node of pool) {
    await kubectl(["label", "--overwrite", "node", node, `${NODE_POOL.key}=${NODE_POOL.value}`]);
    await kubectl(["taint", "--overwrite", "node", node, `${NODE_POOL.key}=${NODE_POOL.value}:NoSchedule`]);
  }
  const all = (await kubectl(["get", "nodes", "-o", "jsonpath={.items[*].metadata.name}"])).trim().split(/\s+/);
  const meshes = new Map(lanes.map(({ namespace, mesh }) => [namespace, mesh]));
  for (const [namespace, mesh] of meshes) {
    const items = manifests(mesh, namespace, { image, rate, nodes: all });
    await kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    // one after the other: that all start at once would load a small machine for minutes
    await kubectl(["-n", namespace, "wait", "deployment", "--all", "--for=condition=Available", "--timeout=600s"]);
  }
  return [...meshes.keys()];
}

async function campaign(options: Campaign, file: string, records: LabRecord[]): Promise<void> {
  const lanes = lanesOf(options).filter(({ name }) => new RegExp(options.only).test(name));
  const namespaces = await deploy(lanes, options);
  const over = new AbortController();
  const load = loadMachine(options.stress, join(options.folder, "load.jsonl"), over.signal);
  const mailbox = await openMailbox();
  const power = options.power ?? null;
  const untilMs = Date.now() + options.minutes * 60_000;
  const keep = (record: LabRecord): void => {
    records.push(record);
    append(file, record);
    console.log(
      `${new Date().toISOString()} ${record.lane} ${record.scenario}: ${record.headline ?? record.problem} ${record.says ?? ""}`,
    );
  };
  await Promise.all(
    lanes.map((lane) => {
      const done = records.filter((one) => one.lane === lane.name).length;
      const deps = { folder: options.folder, prometheusUrl: PROMETHEUS_URL, load, mailbox, power, done, keep };
      return runLane(lane, deps, untilMs);
    }),
  );
  over.abort();
  await load.ended;
  mailbox.close();
  if (!options.keep) await kubectl(["delete", "namespace", ...namespaces, "--timeout=300s"]);
}

const PROMETHEUS_URL = process.env.PROMETHEUS_URL ?? "http://127.0.0.1:9090";

process.exitCode = await main();
