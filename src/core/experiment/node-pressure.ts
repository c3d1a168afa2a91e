import { callGraph } from "../judge/input/call-graph.ts";
import type { Call } from "../judge/input/input.ts";
import { type ClusterSnapshot, type ServiceId, workloadKey } from "../model/cluster.ts";
import { isDegraded, type Judgement, type SignalVerdict, worstVerdict } from "../model/verdict.ts";

/** How short of CPU one node was in some time. */
export interface NodePressure {
  readonly node: string;
  /**
   * Share of the time, 0…1: in which some process waited for a CPU (`waiting`), or of all CPUs that
   * was used (`busy`), where waiting is not measured.
   */
  readonly share: number;
  readonly by: "waiting" | "busy";
}

/** Pressure on nodes before an injection, right after it, and at the end of the observation. */
export interface PressureSeen {
  readonly before: readonly NodePressure[];
  readonly early: readonly NodePressure[];
  readonly late: readonly NodePressure[];
}

/**
 * From these shares on slow answers are put down to the node: `always` whatever it was before, or
 * `risen` when it was at most half of that before. A node on which processes wait half of the time
 * schedules at random; one in ten is usual on a machine that is well used.
 */
const STARVED = {
  waiting: { always: 0.5, risen: 0.2 },
  busy: { always: 0.95, risen: 0.8 },
} as const;
const RISEN = 2;

/**
 * Slow answers of services whose pods, or whose callees' pods, run on a node that was short of CPU
 * at the time say nothing of the fault: their verdict becomes *confounded*, with the node named.
 * Other signals stand. Pods of which nobody knows where they run are on no such node.
 * @param snapshots the cluster before and after
 */
export function withoutCpuShortage(
  judgement: Judgement,
  seen: PressureSeen,
  snapshots: readonly ClusterSnapshot[],
  calls: readonly Call[],
): Judgement {
  const nodesOf = nodesByService(snapshots, calls);
  const why = ({ service, signal, verdict }: SignalVerdict): string | null => {
    if (signal !== "latency" || !isDegraded(verdict.kind)) return null;
    const stays = verdict.kind === "persistent" || verdict.kind === "unresolved";
    return whyStarved(nodesOf(service), seen.before, stays ? seen.late : seen.early);
  };
  const verdicts = judgement.verdicts.map((one): SignalVerdict => {
    const detail = why(one);
    if (detail === null) return one;
    return { ...one, verdict: { kind: "inconclusive", why: "confounded", detail } };
  });
  return withVerdicts(judgement, verdicts);
}

/**
 * A recorded judgement's verdicts that a node's pressure took back are taken back again, where the
 * same came out once more.
 */
export function starvedAgain(again: Judgement, recorded: Judgement): Judgement {
  const taken = new Map(
    recorded.verdicts
      .filter(({ signal, verdict }) => signal === "latency" && isOfNode(verdict))
      .map((one) => [one.service, one.verdict]),
  );
  const verdicts = again.verdicts.map((one): SignalVerdict => {
    const verdict = one.signal === "latency" && isDegraded(one.verdict.kind) ? taken.get(one.service) : undefined;
    return verdict === undefined ? one : { ...one, verdict };
  });
  return withVerdicts(again, verdicts);
}

const SLOW_NODE = "Answers were slower, but";
const isOfNode = (verdict: SignalVerdict["verdict"]): boolean =>
  verdict.kind === "inconclusive" && verdict.why === "confounded" && verdict.detail.startsWith(SLOW_NODE);

function withVerdicts(judgement: Judgement, verdicts: readonly SignalVerdict[]): Judgement {
  if (verdicts.every((one, i) => one === judgement.verdicts[i])) return judgement;
  const { concerned, origin, headline } = judgement;
  const told = verdicts.filter((one) => !one.starved && (concerned?.includes(one.service) ?? true));
  const worst = worstVerdict(told.map(({ verdict }) => verdict.kind));
  // what is not known is not steady, least of all where something got worse
  const open = worst === "steady" && isDegraded(headline);
  return {
    ...judgement,
    verdicts,
    headline: open ? "inconclusive" : worst,
    origin: verdicts.some(({ verdict }) => isDegraded(verdict.kind)) ? origin : null,
  };
}

function whyStarved(
  nodes: ReadonlySet<string>,
  before: readonly NodePressure[],
  then: readonly NodePressure[],
): string | null {
  for (const now of then) {
    if (!nodes.has(now.node)) continue;
    const was = before.find(({ node, by }) => node === now.node && by === now.by)?.share ?? null;
    const { always, risen } = STARVED[now.by];
    if (now.share < always && !(now.share >= risen && was !== null && now.share >= RISEN * was)) continue;
    const percent = (share: number): string => `${Math.round(100 * share)} %`;
    const earlier = was === null ? "" : ` (before: ${percent(was)})`;
    const measured =
      now.by === "waiting"
        ? `processes waited for a CPU ${percent(now.share)} of the time${earlier}`
        : `${percent(now.share)} of its CPUs were used${earlier}`;
    return `${SLOW_NODE} node ${now.node} was short of CPU: ${measured}. Run it again when it is not.`;
  }
  return null;
}

/** Nodes that a service's answers depend on: those of its own pods and of its callees'. */
function nodesByService(
  snapshots: readonly ClusterSnapshot[],
  calls: readonly Call[],
): (service: ServiceId) => ReadonlySet<string> {
  const own = new Map<ServiceId, Set<string>>();
  for (const { workloads, pods } of snapshots) {
    const services = new Map(workloads.map((one) => [workloadKey(one), one.services]));
    for (const { workload, node, services: ofPod } of pods) {
      if (node === null) continue;
      for (const service of ofPod ?? services.get(workloadKey(workload)) ?? []) {
        own.set(service, (own.get(service) ?? new Set()).add(node));
      }
    }
  }
  const graph = callGraph(calls);
  return (service) => {
    const reached = new Set([service]);
    for (const one of reached) for (const callee of graph.calleesOf(one)) reached.add(callee);
    return new Set([...reached].flatMap((one) => [...(own.get(one) ?? [])]));
  };
}
