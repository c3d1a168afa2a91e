import { namespacesOf } from "../../app/preflight/snapshot-around.ts";
import { workloadName } from "../../core/model/cluster.ts";
import type { Eligibility } from "../../core/targeting/eligibility.ts";
import { sparedText } from "../../core/targeting/what-if-text.ts";
import { whyNotHit } from "../../core/targeting/why-not.ts";
import { EXIT, type Io } from "../io.ts";
import { openCluster } from "../open-cluster.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { notFollowed, settingsNow } from "../setup/settings.ts";
import { knownFacts } from "./target-facts.ts";

/** Every workload that a policy looks at, with all reasons why it may not be hit now. */
export async function whyNot(
  options: ConfiguredOptions & { readonly args: readonly string[] },
  io: Io,
): Promise<number> {
  await using cluster = await openCluster(options, io);
  const { settings, found } = await settingsNow(cluster, io.signal);
  const known = await knownFacts(cluster, settings, io);
  const [wanted] = options.args;
  const answers = [];
  for (const policy of settings.policies) {
    const namespaces = await namespacesOf(cluster.reader, policy.target.namespaces, [], io.signal);
    const snapshot = await cluster.reader.snapshot(namespaces, io.signal);
    const judged = whyNotHit(snapshot, policy, await known.of(policy, snapshot, io.signal));
    for (const { workload, whyNot: reasons, spared, notes } of judged) {
      if (wanted === undefined || wanted === `${workload.namespace}/${workload.name}`) {
        answers.push({
          policy: policy.name,
          workload: workloadName(workload),
          eligible: reasons.length === 0,
          whyNot: reasons,
          spared,
          notes,
        });
      }
    }
  }
  const { unknown } = known;
  const told = { workloads: answers, notFollowed: notFollowed(found), ...(unknown === null ? {} : { unknown }) };
  if (options.json) io.out(`${JSON.stringify(told, null, 2)}\n`);
  else if (answers.length === 0)
    io.out(wanted === undefined ? "No policy finds any workload.\n" : `No policy looks at ${wanted}.\n`);
  else for (const one of answers) io.out(`${one.policy}: ${one.workload}: ${answerText(one)}\n`);
  if (!options.json && unknown !== null) io.out(`${unknown}\n`);
  if (!options.json) for (const { policy, why } of notFollowed(found)) io.out(`not followed: ${policy}: ${why}\n`);
  return EXIT.ok;
}

function answerText({ whyNot, spared, notes }: Pick<Eligibility, "whyNot" | "spared" | "notes">): string {
  const but = spared.length === 0 ? "" : `, but not ${sparedText(spared)}`;
  const answer = whyNot.length === 0 ? `may be hit${but}` : whyNot.join("; ");
  return notes.length === 0 ? answer : `${answer} (${notes.join("; ")})`;
}
