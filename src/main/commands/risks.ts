import { limitsReader } from "../../adapters/kubernetes/faults/http/route-limits.ts";
import { knownFindings } from "../../app/diagnose/diagnose.ts";
import { risksNow, riskTestOf } from "../../app/diagnose/find-risks.ts";
import { bookOf } from "../../app/records/experiment-reader.ts";
import { settleRisks } from "../../core/diagnose/risks/find.ts";
import { DAY_MS } from "../../core/model/units.ts";
import { RISK_STATES, riskLines, risksText } from "../../core/text/risk.ts";
import { EXIT, type Io } from "../io.ts";
import { openCluster } from "../open-cluster.ts";
import { type ConfiguredOptions, openJournal } from "../setup/configured.ts";
import { riskRules } from "../setup/rules-folder.ts";
import { notFollowed, settingsNow } from "../setup/settings.ts";
import { sweepScope } from "../setup/sweep-scope.ts";

/** Only experiments of the last 366 days confirm or refute risks. */
const SETTLING_MS = 366 * DAY_MS;

/** Weaknesses that manifests show, and which of them experiments confirmed or refuted. */
export async function risks(options: ConfiguredOptions, io: Io): Promise<number> {
  await using cluster = await openCluster(options, io, { withoutSecrets: true });
  const { settings, found } = await settingsNow(cluster, io.signal);
  const { clock, metrics, reader } = cluster;
  const deps = {
    clock,
    metrics,
    cluster: reader,
    limits: limitsReader(cluster.client, sweepScope(reader, () => settings).namespaces),
    riskRules: (await riskRules(cluster.config.rules.risks)).rules,
    settings: () => settings,
  };
  const now = await risksNow(deps, io.signal);
  await using opened = await openJournal(options, io);
  const nowMs = clock.nowMs();
  const states = await bookOf(opened.journal).between(nowMs - SETTLING_MS, nowMs + DAY_MS);
  const findings = [...(await knownFindings(opened)).values()].flatMap((events) => events.at(-1) ?? []);
  const settled = settleRisks(now, states.map(riskTestOf), findings);
  const inOrder = RISK_STATES.flatMap((state) => settled.filter((risk) => risk.state === state));
  if (options.json) {
    io.out(`${JSON.stringify({ risks: inOrder, notFollowed: notFollowed(found) }, null, 2)}\n`);
    return EXIT.ok;
  }
  for (const risk of inOrder) io.out(`${riskLines(risk).join("\n")}\n`);
  io.out(`${risksText(settled)}. A risk is no finding: nothing has shown it yet.\n`);
  for (const { policy, why } of notFollowed(found)) io.out(`not followed: ${policy}: ${why}\n`);
  return EXIT.ok;
}
