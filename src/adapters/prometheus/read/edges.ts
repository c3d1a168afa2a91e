import type { CallEdge } from "../../../core/model/cluster.ts";
import { MINUTE_MS, type Window } from "../../../core/model/units.ts";
import type { OnSeries } from "../client/matrix-reader.ts";
import { namedService } from "../signals/classify.ts";
import { durationMs, fillQuery } from "../signals/promql.ts";
import { reporterPattern } from "../signals/reporter.ts";
import type { Signals } from "../signals/signals.ts";
import { type Cutter, stepsInPieces } from "./cut.ts";

/** The window is looked at this many times at most. */
const MAX_LOOKS = 60;
/**
 * One look reaches back at least so far (rate() wants two scrapes), and at most so far (each sample
 * costs the server).
 */
const MIN_REACH_MS = 5 * MINUTE_MS;
const MAX_REACH_MS = 30 * MINUTE_MS;

/**
 * Who called whom, from two requests. An edge exists if its series existed at one of up to 60
 * looks, even if nothing was counted: a connection that was opened once and kept has rate 0. The
 * mean is over those looks at which there was any data.
 */
export async function readEdges(cutter: Cutter, window: Window): Promise<readonly CallEdge[]> {
  const stepMs = Math.max(MINUTE_MS, Math.ceil((window.toMs - window.fromMs) / MAX_LOOKS));
  const looks = Math.max(1, Math.floor((window.toMs - window.fromMs) / stepMs));
  const grid = { startMs: window.toMs - looks * stepMs, stepMs, steps: looks };
  const { signals } = cutter;
  const range = durationMs(Math.min(MAX_REACH_MS, Math.max(MIN_REACH_MS, stepMs)));
  const reporters = reporterPattern(signals, ["source", "waypoint"]);
  const read = async (protocol: CallEdge["protocol"], query: string): Promise<readonly CallEdge[]> => {
    const edges = new EdgeBook(signals, protocol);
    await stepsInPieces(cutter, fillQuery(query, { reporters, range }), grid, edges.add);
    return edges.all();
  };
  const both = await Promise.all([read("http", signals.queries.callsHttp), read("tcp", signals.queries.callsTcp)]);
  return both.flat();
}

class EdgeBook {
  private readonly sums = new Map<string, { readonly edge: CallEdge; sum: number }>();
  private readonly looks = new Set<number>();
  private readonly signals: Signals;
  private readonly protocol: CallEdge["protocol"];

  constructor(signals: Signals, protocol: CallEdge["protocol"]) {
    this.signals = signals;
    this.protocol = protocol;
  }

  readonly add: OnSeries = (labels, { timesMs, values, n }) => {
    const { callerNamespace, callerName } = this.signals.labels;
    const callee = namedService(labels, this.signals);
    const name = labels[callerName] ?? "";
    const namespace = labels[callerNamespace] ?? "";
    if (callee === null || name === "" || this.signals.ignore.callers.test(name)) return;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      this.looks.add(timesMs[i]!);
      if (Number.isFinite(values[i]!)) sum += values[i]!;
    }
    const key = [namespace, name, callee.namespace, callee.name].join("\0");
    const caller = { kind: "Other", namespace, name } as const;
    const edge: CallEdge = {
      caller,
      callee: `${callee.namespace}/${callee.name}`,
      protocol: this.protocol,
      perSecond: 0,
    };
    this.sums.set(key, { edge, sum: sum + (this.sums.get(key)?.sum ?? 0) });
  };

  all(): readonly CallEdge[] {
    const looks = Math.max(1, this.looks.size);
    const edges = [...this.sums.values()].map(({ edge, sum }) => ({ ...edge, perSecond: sum / looks }));
    const name = ({ caller, callee }: CallEdge): string => `${caller.namespace}/${caller.name} ${callee}`;
    return edges.sort((a, b) => (name(a) < name(b) ? -1 : 1));
  }
}
