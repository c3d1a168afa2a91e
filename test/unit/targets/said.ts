import { routesReader } from "../../../src/adapters/kubernetes/faults/http/http-fault.ts";
import { kubernetesInjector } from "../../../src/adapters/kubernetes/faults/injector.ts";
import { kubernetesReader } from "../../../src/adapters/kubernetes/read/reader.ts";
import type { AdvanceDeps } from "../../../src/app/experiment/advance.ts";
import { advance } from "../../../src/app/experiment/advance.ts";
import { planExperiment } from "../../../src/app/experiment/plan.ts";
import { routesOf } from "../../../src/app/preflight/http-route-facts.ts";
import type { ClusterSnapshot, Pod } from "../../../src/core/model/cluster.ts";
import { workloadName } from "../../../src/core/model/cluster.ts";
import type { Target } from "../../../src/core/model/fault.ts";
import type { Policy } from "../../../src/core/model/policy.ts";
import { isDaemon } from "../../../src/core/targeting/checks/scope.ts";
import type { PastInjection } from "../../../src/core/targeting/facts.ts";
import { manualClock, quietLog, T0 } from "../../integration/kubernetes/support/parts.ts";
import { type Bench, bench, world } from "../../support/app.ts";
import { endedWell, experimentPlan } from "../../support/experiments.ts";
import { closedFor, podTarget, whatIfPrinted, whyNot } from "./asked.ts";
import { type Change, clientOf, type Recorded } from "./recorded.ts";

/** So many experiments are tried, each with another seed: all that may be drawn is drawn. */
const SEEDS = 30;

/** A cluster, and the workload of it that is asked about. */
export interface Situation {
  readonly objects: readonly Recorded[];
  /** `Deployment shop/web`. */
  readonly of: string;
  readonly policy: Policy;
  /** Lists that may not be made. */
  readonly forbidden: readonly string[];
  /** How long ago the workload was hit, ms; absent: never. */
  readonly hitAgoMs?: number;
}

/** What each part of the program says of one situation. */
export interface Said {
  readonly whyNot: string;
  /** The workload's part of what `plan --what-if` prints, under its heading. */
  readonly whatIf: string;
  /** By pod of the workload (`requests` for faults of HTTP), the first closed gate, or null. */
  readonly gates: Readonly<Record<string, string | null>>;
  /** What experiments with different seeds did, or why they did not; each once. */
  readonly experiments: readonly string[];
  /** Names of the pods, nodes and VirtualServices that these experiments changed. */
  readonly hit: readonly string[];
}

/** Asks all four about one situation. */
export async function saidOf(its: Situation): Promise<Said> {
  const { objects, of, policy, forbidden } = its;
  const signal = AbortSignal.timeout(20_000);
  const client = clientOf(objects, forbidden);
  const snapshot = await kubernetesReader(client, manualClock()).snapshot(["shop"], signal);
  const { whyNotRouted } = await routesOf(routesReader(client, IN_SHOP), policy, snapshot, signal);
  const past = pastOf(its, snapshot);
  const experiments = new Set<string>();
  const hit = new Set<string>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { text, changes } = await experiment(its, past, seed);
    experiments.add(text);
    for (const one of changes) hit.add(one.name || nameIn(one.body));
  }
  return {
    whyNot: whyNot(snapshot, of, past, policy, whyNotRouted),
    whatIf: partOf(whatIfPrinted(snapshot, policy, past, whyNotRouted), of),
    gates: await gatesOf(snapshot, of, policy, past),
    experiments: [...experiments].toSorted(),
    hit: [...hit].toSorted(),
  };
}

const IN_SHOP = async () => ["shop"];

/** The workload was hit so long ago, if at all. */
function pastOf({ of, hitAgoMs }: Situation, { workloads }: ClusterSnapshot): PastInjection[] {
  const workload = workloads.find((one) => workloadName(one) === of);
  if (hitAgoMs === undefined || workload === undefined) return [];
  const { kind, namespace, name, services } = workload;
  const hit = { policy: "earlier", sham: false, fault: "pod-delete" as const, findings: 0, services };
  return [{ ...hit, experimentId: "earlier-1", atMs: T0 - hitAgoMs, workload: { kind, namespace, name } }];
}

const nameIn = (body: unknown): string => (body as { metadata?: { name?: string } })?.metadata?.name ?? "?";

function partOf(printed: string, of: string): string {
  const lines = printed.split("\n");
  const at = lines.findIndex((line) => line.startsWith("  ") && line.includes(`: ${of}: `));
  const heading = lines.slice(0, at + 1).findLast((line) => /^[A-Z]/.test(line)) ?? "";
  const word = heading.startsWith("COULD") ? "could be hit" : "left alone";
  return at < 0 ? "no such workload" : `${word}: ${lines[at]!.split(`${of}: `)[1]}`;
}

async function gatesOf(
  snapshot: ClusterSnapshot,
  of: string,
  policy: Policy,
  past: readonly PastInjection[],
): Promise<Said["gates"]> {
  const [fault] = policy.faults;
  const own = snapshot.pods.filter((pod) => workloadName(pod.workload) === of);
  const kind = fault!.fault.kind;
  const targets: (readonly [string, Target])[] = kind.startsWith("http-")
    ? snapshot.workloads
        .filter((one) => workloadName(one) === of)
        .map((one) => ["requests", { workload: one, services: one.services, pods: [], node: null, zone: null }])
    : kind === "node-drain"
      ? [...new Set(own.flatMap((pod) => pod.node ?? []))].map((node) => [node, drainOf(snapshot, of, node)])
      : own.map((pod) => [pod.name, podTarget(snapshot, pod.name)]);
  const said = await Promise.all(
    targets.map(async ([name, target]) => [name, await closedFor(snapshot, target, policy, past)] as const),
  );
  return Object.fromEntries(said.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A drain as it would be ordered: everything on the node but what comes back there at once. */
function drainOf(snapshot: ClusterSnapshot, of: string, node: string): Target {
  const pods = snapshot.pods.filter((pod) => pod.node === node && !pod.mirror && !isDaemon(pod));
  const first = pods.find((pod) => workloadName(pod.workload) === of) as Pod;
  const refs = pods.map(({ namespace, name, uid }) => ({ namespace, name, uid }));
  return { workload: first.workload, services: [], pods: refs, node, zone: null };
}

/** An experiment that ended well. */
async function hitBefore(journal: Bench["journal"], { experimentId, atMs, workload, services }: PastInjection) {
  const target = { workload, services, pods: [], node: null, zone: null };
  const events = endedWell(target, { id: experimentId, policy: "earlier" }, atMs);
  await journal.append(`experiment/${experimentId}`, 0, events, { atMs, indexMs: atMs, open: false });
}

/** One real experiment on the recorded cluster: choice, gates, last look and call. */
async function experiment(
  { objects, forbidden, policy }: Situation,
  past: readonly PastInjection[],
  seed: number,
): Promise<{ readonly text: string; readonly changes: readonly Change[] }> {
  const changes: Change[] = [];
  const client = clientOf(objects, forbidden, (one) => changes.push(one));
  const { deps: base, clock, journal } = await bench(world());
  const reader = kubernetesReader(client, clock);
  const deps: AdvanceDeps = {
    ...base,
    cluster: { ...reader, mayI: async (questions) => questions.map(() => true) },
    injector: kubernetesInjector(client, clock, quietLog, { namespaces: async () => ["shop"] }),
    routes: routesReader(client, IN_SHOP),
    policyOf: () => policy,
  };
  for (const one of past) await hitBefore(journal, one);
  const id = `shop-${seed}`;
  await planExperiment(deps, experimentPlan({ id, seed }));
  await advance(deps, id, AbortSignal.timeout(20_000));
  const events = (await journal.read(`experiment/${id}`)).map((entry) => entry.event);
  const refused = events.find((one) => one.kind === "refused");
  if (refused?.kind === "refused") return { text: `refused by the gate "${refused.gate}": ${refused.why}`, changes };
  const not = events.find((one) => one.kind === "not-injected");
  if (not?.kind === "not-injected") return { text: `not injected: ${not.why}`, changes };
  const ordered = changes.filter((one) => one.resource !== "nodes" || one.verb === "PATCH");
  return {
    text: ordered.map((one) => `${one.verb} ${one.resource} ${one.name || nameIn(one.body)}`).join(", "),
    changes,
  };
}
