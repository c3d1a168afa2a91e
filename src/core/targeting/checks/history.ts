import { workloadKey } from "../../model/cluster.ts";
import { MINUTE_MS } from "../../model/units.ts";
import { type Check, realOnes } from "../facts.ts";

/** The last real injection must be `cooldownMs` ago, whoever's policy it was, on this workload or another one behind the same service. */
export const cooledDown: Check = ({ workload, policy, snapshot, facts }) => {
  const key = workloadKey(workload);
  const concerns = realOnes(facts.past).filter(
    (one) => workloadKey(one.workload) === key || one.services.some((service) => workload.services.includes(service)),
  );
  const lastMs = Math.max(...concerns.map((one) => one.atMs));
  const leftMs = lastMs + policy.limits.cooldownMs - snapshot.takenAtMs;
  return leftMs > 0
    ? `cooldown: hit ${new Date(lastMs).toISOString()}, ${Math.ceil(leftMs / MINUTE_MS)} min left`
    : null;
};
