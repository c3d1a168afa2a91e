import { serviceId } from "../model/cluster.ts";
import type { Retried } from "../model/verdict.ts";
import type { EdgeFacts } from "./facts.ts";
import type { WorkloadCall } from "./graph.ts";
import type { DiagnosisInput } from "./input.ts";

/** What the experiment shows of one workload that calls another, beside their pods. */
export function callFacts(
  call: WorkloadCall,
  { judgement }: Pick<DiagnosisInput, "judgement">,
): Pick<EdgeFacts, "retriedBy" | "attempts"> {
  const name = serviceId(call.caller.namespace, call.caller.name);
  const retried = judgement.retried?.find(({ service, callers }) => service === call.service && callers.includes(name));
  return { retriedBy: retried?.by ?? "", attempts: retried === undefined ? "" : attemptsText(retried) };
}

function attemptsText({ by, before, after }: Retried): string {
  const [now, then] = [after.toFixed(1), before.toFixed(1)];
  return by === "proxy"
    ? `${now} attempts for each request (before: ${then})`
    : `${now} requests for each that it received (before: ${then})`;
}
