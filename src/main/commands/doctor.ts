import { accessQuestions } from "../../adapters/kubernetes/rights/rights.ts";
import { examine } from "../../app/doctor/examine.ts";
import { readPolicies } from "../../app/policies/follow-policies.ts";
import type { Config } from "../../config/load/config.ts";
import { EXIT, type Io } from "../io.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { ownNamespace } from "../setup/own-namespace.ts";
import { rightsOf } from "../setup/rights.ts";
import { wire } from "../wire.ts";

/** Looks at everything that an experiment needs; exits 1 when something is missing. */
export async function doctor(options: ConfiguredOptions, io: Io): Promise<number> {
  await using wired = await wire(options, io);
  const { deps, storage, config, client } = wired;
  const rights = accessQuestions(rightsOf(config, ownNamespace(config, client.namespace)));
  await readPolicies(deps, config.teams, io.signal);
  const checks = [
    ...(await examine({ ...deps, rights, storage: () => storage.check() }, io.signal)),
    { what: "Slack", ok: true, says: slackText(config) },
  ];
  if (options.json) io.out(`${JSON.stringify({ checks }, null, 2)}\n`);
  else for (const { what, ok, says } of checks) io.out(`${ok ? "ok  " : "FAIL"} ${what}: ${says}\n`);
  return checks.every((check) => check.ok) ? EXIT.ok : EXIT.notRecovered;
}

function slackText({ slack, web }: Config): string {
  if (slack === null) return "no webhook is configured: messages go to the log";
  const links = web.url === null ? "; without web.url messages have no link to the dashboard" : "";
  return `a webhook is configured, nothing is posted by doctor${links}`;
}
