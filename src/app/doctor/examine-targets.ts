import { WITHOUT_NODES, workloadName } from "../../core/model/cluster.ts";
import { describeError } from "../../core/model/error.ts";
import type { Policy } from "../../core/model/policy.ts";
import { hasPod } from "../../core/targeting/checks/pods.ts";
import { servicesKnown } from "../../core/targeting/checks/state.ts";
import { candidatesOf, LASTING_CHECKS, reasons } from "../../core/targeting/eligibility.ts";
import { counted } from "../../core/text/format.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { Settings } from "../preflight/settings.ts";
import { namespacesOf } from "../preflight/snapshot-around.ts";
import type { Check } from "./check.ts";

export interface ExamineTargetsDeps {
  readonly cluster: ClusterReader;
  settings(): Settings;
}

/**
 * Does each policy find anything that it may hit, whatever speaks against it only today? One that
 * never will looks like one that works.
 */
export async function targetChecks(deps: ExamineTargetsDeps, signal: AbortSignal): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const policy of deps.settings().policies) {
    const what = `targets of ${policy.name}`;
    checks.push(
      await targetsOf(deps, policy, signal).then(
        (seen) => ({ what, ...seen }),
        (cause: unknown) => ({ what, ok: false, says: describeError(cause) }),
      ),
    );
  }
  return checks;
}

async function targetsOf(
  { cluster, settings }: ExamineTargetsDeps,
  policy: Policy,
  signal: AbortSignal,
): Promise<Omit<Check, "what">> {
  const { namespaces: patterns } = policy.target;
  const namespaces = await namespacesOf(cluster, patterns, [], signal);
  const snapshot = await cluster.snapshot(namespaces, signal);
  const { protectedNamespaces } = settings();
  // a right that is missing stays so, too: what could not be read closes the gates of every
  // experiment
  const unread = snapshot.unread?.nodes === undefined ? [servicesKnown] : [servicesKnown, hasPod];
  const judged = candidatesOf(snapshot, policy, { past: [], protectedNamespaces }).map((candidate) => ({
    workload: candidate.workload,
    whyNot: reasons([...LASTING_CHECKS, ...unread], candidate),
  }));
  const [first] = judged;
  if (first === undefined) {
    return { ok: false, says: `no workload stands in ${patterns.join(", ")}: look at target.namespaces` };
  }
  const may = judged.filter(({ whyNot }) => whyNot.length === 0).length;
  const left = snapshot.withoutNodes === true ? `; left out: ${WITHOUT_NODES.join(", ")}` : "";
  if (may > 0) return { ok: true, says: `${may} of ${counted(judged.length, "workload")} may be hit${left}` };
  const why = `${workloadName(first.workload)}: ${first.whyNot.join("; ")}`;
  return {
    ok: false,
    says: `0 of ${counted(judged.length, "workload")} may be hit, as ${why} (all: \`aftershock why-not\`)`,
  };
}
