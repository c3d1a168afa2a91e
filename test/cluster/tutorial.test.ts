import { readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Block, blocksOf } from "./support/document.ts";
import { LAB_PARTS } from "./support/overlay.ts";
import { eventually, jsonOf, must, ROOT, shell } from "./support/shell.ts";
import { untilThereIsAPast } from "./support/story.ts";

/**
 * The commands of docs/tutorial.md on a real cluster, from top to bottom, with the manifests of
 * deploy/ and the program in its image. AFTERSHOCK_IMAGE and REDIS_IMAGE name images that the nodes
 * have (NAME:TAG); PROMETHEUS_URL is what pods reach. The application of STORY_MANIFEST, which has
 * the same names, is put back afterwards.
 */
const { AFTERSHOCK_IMAGE, REDIS_IMAGE, PROMETHEUS_URL, STORY_MANIFEST } = process.env;
const EXAMPLE = "deploy/examples/go-app";
/**
 * Longer than the window before an injection: an earlier experiment in it would leave too little to
 * compare with.
 */
const APART_MS = 130_000;

/** A volume for Redis, where no storage class makes one. */
const volume = (path: string): string => `apiVersion: v1
kind: PersistentVolume
metadata: { name: aftershock-redis }
spec:
  capacity: { storage: 2Gi }
  accessModes: [ReadWriteOnce]
  hostPath: { path: ${path} }
`;

/**
 * Stands in for node exporter, so that what a machine is too slow for is told from what a fault
 * does. It is in no mesh: the lab's nodes share one kernel.
 */
const pressure = (nodes: string): string => `apiVersion: v1
kind: Pod
metadata:
  name: node-pressure
  namespace: aftershock
  labels: { app: node-pressure, "sidecar.istio.io/inject": "false" }
  annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9100", "prometheus.io/path": /metrics }
spec:
  securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, seccompProfile: { type: RuntimeDefault } }
  containers:
    - name: node-pressure
      image: aftershock
      args: [sample, node-pressure, --port, "9100", --nodes, "${nodes}"]
      resources: { requests: { cpu: 10m, memory: 64Mi }, limits: { memory: 128Mi } }
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
`;

/**
 * The example with other images, another Prometheus, the lab's mesh, and windows of two minutes.
 */
async function writeOverlay(folder: string): Promise<void> {
  const data = join(folder, "redis");
  await mkdir(data);
  await chmod(data, 0o777);
  await chmod(folder, 0o755);
  await writeFile(join(folder, "volume.yaml"), volume(data));
  const nodes = await must("kubectl get nodes -ojsonpath='{.items[*].metadata.name}'");
  await writeFile(join(folder, "pressure.yaml"), pressure(nodes.trim().replaceAll(" ", ",")));
  await writeFile(
    join(folder, "kustomization.yaml"),
    `resources: [${relative(folder, join(ROOT, EXAMPLE))}, volume.yaml, pressure.yaml]
patches:
  - target: { kind: Namespace, name: go-app }
    patch: '[{ "op": "add", "path": "/metadata/labels/lab-mesh", "value": "on" }]'
${LAB_PARTS}`,
  );
  const config = readFileSync(join(ROOT, EXAMPLE, "aftershock.yaml"), "utf8")
    .replace(/^prometheus: .*$/m, `prometheus: { url: "${PROMETHEUS_URL}" }`)
    .replace(/^observation: .*$/m, "observation: { step: 10s, before: 2m, early: 1m, grace: 20s, late: 1m }")
    .replace(/^gates: .*$/m, "gates: { degradedWindow: 1m }");
  await writeFile(join(folder, "aftershock.yaml"), config);
}

const inPod = (command: string): string =>
  `kubectl -n aftershock exec deploy/aftershock -- node dist/aftershock.mjs ${command} -c /etc/aftershock/aftershock.yaml`;

interface Told {
  readonly headline: string | null;
  readonly recoveredAfterMs: number | null;
}

/**
 * What the journal says of the newest experiment that ran to a verdict, told by the worker's pod.
 */
async function explained(output: string): Promise<Told> {
  const ids = output.match(/go-app-pods-\d{8}T\d{6}Z/g) ?? [];
  const told = (await jsonOf(inPod(`explain ${ids.at(-1)} --json`))) as { experiment: Told };
  return told.experiment;
}

describe("the tutorial", () => {
  const blocks = blocksOf(readFileSync(join(ROOT, "docs", "tutorial.md"), "utf8"));

  test("says of every block that no test runs why not", () => {
    const notHere = blocks.filter((block) => block.notHere !== null);
    expect(notHere.map(({ notHere: why }) => why)).toEqual([
      "it has no ingress gateway of Istio",
      "it has neither Grafana nor Kiali",
      "a person looks at it",
    ]);
    expect(blocks.length - notHere.length).toBeGreaterThan(8);
  });
});

describe.skipIf(AFTERSHOCK_IMAGE === undefined || REDIS_IMAGE === undefined)("the tutorial's own commands", () => {
  let folder: string;
  /** What the commands of a section printed, and the last one that named an experiment. */
  let [printed, experiment] = ["", ""];
  let somethingRan = false;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aftershock-tutorial-"));
    await writeOverlay(folder);
    await must("kubectl delete namespace go-app --ignore-not-found --timeout=240s");
  }, 300_000);
  afterAll(async () => {
    await must(`kubectl delete -k ${folder} --timeout=240s --ignore-not-found`);
    if (STORY_MANIFEST !== undefined) {
      await must(`kubectl apply -f ${STORY_MANIFEST}`);
      await must("kubectl -n go-app wait deployment --all --for=condition=Available --timeout=180s");
    }
    await rm(folder, { recursive: true });
  }, 500_000);

  /**
   * As it stands there, on the lab's overlay; a random target is narrowed to the one that the text
   * speaks of.
   */
  const adapted = (command: string, { notes }: Block): string => {
    const target = notes.find((note) => note.startsWith("target "))?.slice("target ".length);
    const here = command.replaceAll(EXAMPLE, folder);
    if (target === undefined || !here.includes("create job")) return here;
    return `${here} --dry-run=client -ojson | node -e '${narrowTo(target)}' | kubectl -n aftershock create -f -`;
  };

  const run = async (block: Block): Promise<void> => {
    const expected = block.notes.includes("exit code 1") ? 1 : 0;
    if (block.notes.includes("wait for a past")) {
      if (somethingRan) await sleep(APART_MS);
      await untilThereIsAPast();
    }
    if (block.notes.includes("wait for recovery"))
      await eventually(400, "recovered", async () =>
        (await explained(experiment)).recoveredAfterMs === null ? null : true,
      );
    for (const command of block.commands) {
      const here = adapted(command, block);
      let ran = await shell(here);
      // what an earlier section broke and cured counts as degraded until its failures have left the
      // gates' window
      for (let i = 0; i < 12 && ran.exitCode === 4; i++) {
        await sleep(20_000);
        ran = await shell(here);
      }
      expect(ran.exitCode, `line ${block.line}: ${here}\n${ran.output}`).toBe(expected);
      printed += ran.output;
      somethingRan ||= /create job|run --policy/.test(here);
      if (/go-app-pods-\d{8}T\d{6}Z/.test(ran.output)) experiment = ran.output;
    }
  };

  const sections = [
    { name: "deploys the application, its traffic and Aftershock with one command", from: 1 },
    { name: "sees the mesh, and what could be hit", from: 2 },
    { name: "loses a pod that nobody misses: the Job is Complete", from: 3 },
    {
      name: "loses the database: not recovered although every pod is Ready, then recovered after the restart",
      from: 4,
    },
    { name: "is cured by reconnecting: recovered by itself", from: 5 },
    { name: "runs every two minutes", from: 6 },
  ];
  const markdown = readFileSync(join(ROOT, "docs", "tutorial.md"), "utf8");
  const startOf = (section: number): number =>
    markdown.slice(0, Math.max(markdown.search(new RegExp(`^## ${section}\\. `, "m")), 0)).split("\n").length;

  test.each(sections)(
    "section $from $name",
    async ({ from }) => {
      const [start, end] = [startOf(from), startOf(from + 1)];
      const mine = blocksOf(markdown).filter(({ line, notHere }) => notHere === null && line > start && line < end);
      expect(mine.length).toBeGreaterThan(0);
      printed = "";
      for (const block of mine) {
        await run(block);
        // what a starved machine makes slow is not known, and says so: then it is run once more
        if (from === 3 && printed.includes("short of CPU") && /^first +Failed /m.test(printed)) {
          await must("kubectl -n aftershock delete job first");
          printed = "";
          await sleep(APART_MS);
          await run(block);
        }
        if (block.notes.includes("exit code 1")) {
          expect(printed).toContain("go-app-db is a single point of failure");
          expect((await explained(experiment)).headline).toBe("persistent");
        }
      }
      if (from === 3) {
        expect(printed).toContain("pod-delete: go-app/repeater-");
        expect(printed, printed).toMatch(/^first +Complete /m);
      }
    },
    1_200_000,
  );
});

/** A script for node -e that adds a target to the Job on standard input; jq is not everywhere. */
const narrowTo = (target: string): string =>
  [
    'let text = ""',
    'process.stdin.on("data", (part) => (text += part))',
    'process.stdin.on("end", () => {',
    "const job = JSON.parse(text)",
    `job.spec.template.spec.containers[0].args.push("--target", "${target}")`,
    "console.log(JSON.stringify(job))",
    "})",
  ]
    .join("; ")
    .replace("{;", "{");
