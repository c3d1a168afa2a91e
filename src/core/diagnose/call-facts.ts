import { serviceId } from "../model/cluster.ts";
import { SECOND_MS } from "../model/units.ts";
import { isDegraded, type Retried } from "../model/verdict.ts";
import type { EdgeFacts } from "./facts.ts";
import type { WorkloadCall } from "./graph.ts";
import type { DiagnosisInput } from "./input.ts";

type Seen = Pick<DiagnosisInput, "judgement" | "edges">;

/** What the experiment shows of one workload that calls another, beside their pods. */
export function callFacts(
  call: WorkloadCall,
  seen: Seen,
): Pick<EdgeFacts, "retriedBy" | "attempts" | "passedOn" | "waitedMs" | "waited"> {
  const name = serviceId(call.caller.namespace, call.caller.name);
  const retried = seen.judgement.retried?.find(
    ({ service, callers }) => service === call.service && callers.includes(name),
  );
  const waitedMs = waitedFor(call, seen);
  return {
    waitedMs,
    waited: waitedMs < 0 ? "" : secondsText(waitedMs),
    retriedBy: retried?.by ?? "",
    attempts: retried === undefined ? "" : attemptsText(retried),
    passedOn: passedOn(call, seen),
  };
}

function attemptsText({ by, before, after }: Retried): string {
  const [now, then] = [after.toFixed(1), before.toFixed(1)];
  return by === "proxy"
    ? `${now} attempts for each request (before: ${then})`
    : `${now} requests for each that it received (before: ${then})`;
}

/**
 * Failures are counted for a service, whoever called it: a caller saw its part of them, as of the
 * requests.
 */
function passedOn({ caller, service, perSecond }: WorkloadCall, { judgement, edges }: Seen): number {
  const failed = (ids: readonly string[]): number =>
    Math.max(
      0,
      ...judgement.verdicts
        .filter((v) => ids.includes(v.service) && v.signal === "failures" && isDegraded(v.verdict.kind))
        .map(({ effect }) => effect?.excess ?? 0),
    );
  const all = edges.filter(({ callee }) => callee === service).reduce((sum, edge) => sum + edge.perSecond, 0);
  const seen = all > 0 ? failed([service]) * (perSecond / all) : 0;
  const passed = failed(caller.services);
  return seen > 0 && passed > 0 ? Math.round((100 * passed) / seen) : -1;
}

function waitedFor({ caller, service }: WorkloadCall, { judgement }: Seen): number {
  const tookMs = (ids: readonly string[]): number =>
    Math.max(-1, ...(judgement.waited ?? []).filter((one) => ids.includes(one.service)).map((one) => one.atLeastMs));
  const [dependency, dependant] = [tookMs([service]), tookMs(caller.services)];
  return dependency > 0 && dependant >= dependency ? dependency : -1;
}

/** Not rounded up to whole seconds: it is said of the least that was seen. */
const secondsText = (ms: number): string => `${Number((ms / SECOND_MS).toFixed(2))} s`;
