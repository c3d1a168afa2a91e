import { accessQuestions } from "../../adapters/kubernetes/rights/rights.ts";
import { queryTrial } from "../../adapters/prometheus/read/try-queries.ts";
import type { Check } from "../../app/doctor/check.ts";
import { examine } from "../../app/doctor/examine.ts";
import { queryChecks } from "../../app/doctor/examine-queries.ts";
import { readPolicies } from "../../app/policies/follow-policies.ts";
import type { Config } from "../../config/load/config.ts";
import { EXIT, type Io } from "../io.ts";
import type { BareOptions } from "../setup/bare-config.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { ownNamespace } from "../setup/own-namespace.ts";
import { rightsOf } from "../setup/rights.ts";
import { prometheusOptions } from "../setup/servers.ts";
import { type Wired, wire } from "../wire.ts";
import { examineParts } from "./doctor-parts.ts";

/**
 * Looks at everything that an experiment needs, also past what is missing; exits 1 when something
 * is.
 */
export async function doctor(options: ConfiguredOptions & BareOptions, io: Io): Promise<number> {
  const checks = (await examineAll(options, io)) ?? (await examineParts(options, io));
  if (options.json) io.out(`${JSON.stringify({ checks }, null, 2)}\n`);
  else for (const { what, ok, says } of checks) io.out(`${ok ? "ok  " : "FAIL"} ${what}: ${says}\n`);
  return checks.every((check) => check.ok) ? EXIT.ok : EXIT.notRecovered;
}

/** Every check, or null when not all parts can be opened. */
async function examineAll(options: ConfiguredOptions & BareOptions, io: Io): Promise<readonly Check[] | null> {
  if (options.prometheus !== undefined) return null;
  let opened: Wired;
  try {
    opened = await wire(options, io);
  } catch {
    // Which part it is, and what is wrong with it, is found by opening them one by one.
    return null;
  }
  await using wired = opened;
  const { deps, storage, config, client } = wired;
  const rights = accessQuestions(rightsOf(config, ownNamespace(config, client.namespace)));
  await readPolicies(deps, config.teams, io.signal);
  const source = await prometheusOptions(config, io, deps.clock, deps.log);
  return [
    ...(await examine({ ...deps, rights, storage: () => storage.check() }, io.signal)),
    ...(await queryChecks(queryTrial(source), io.signal)),
    slackCheck(config),
  ];
}

function slackCheck({ slack, web }: Config): Check {
  const links = web.url === null ? "; without web.url messages have no link to the dashboard" : "";
  const says =
    slack === null
      ? "no webhook is configured: messages go to the log"
      : `a webhook is configured, nothing is posted by doctor${links}`;
  return { what: "Slack", ok: true, says };
}
