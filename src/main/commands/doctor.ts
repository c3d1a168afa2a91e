import { setTimeout as sleep } from "node:timers/promises";
import { accessQuestions } from "../../adapters/kubernetes/rights/rights.ts";
import { queryTrial } from "../../adapters/prometheus/read/try-queries.ts";
import type { Check } from "../../app/doctor/check.ts";
import { examine } from "../../app/doctor/examine.ts";
import { queryChecks } from "../../app/doctor/examine-queries.ts";
import { readPolicies } from "../../app/policies/follow-policies.ts";
import { parseDuration } from "../../config/values/duration.ts";
import { AftershockError } from "../../core/model/error.ts";
import { HOUR_MS, SECOND_MS } from "../../core/model/units.ts";
import { EXIT, type Io } from "../io.ts";
import type { BareOptions } from "../setup/bare-config.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { ownNamespace } from "../setup/own-namespace.ts";
import { rightsOf } from "../setup/rights.ts";
import { prometheusOptions } from "../setup/servers.ts";
import { type Wired, wire } from "../wire.ts";
import { examineParts } from "./doctor-parts.ts";
import { messagesCheck } from "./messages-check.ts";

export interface DoctorOptions extends ConfiguredOptions, BareOptions {
  /** Time such as 90s. */
  readonly wait?: string;
}

/** Between two looks: proxies are scraped every few seconds, and rights are granted as quickly. */
const AGAIN_MS = 5 * SECOND_MS;
const LONGEST_WAIT_MS = HOUR_MS;

/**
 * Looks at everything that an experiment needs, also past what is missing; exits 1 when something
 * is. With `wait` it looks again until nothing is missing or the time is over, and tells the last
 * look alone.
 *
 * @throws AftershockError when `wait` is no time
 */
export async function doctor(options: DoctorOptions, io: Io): Promise<number> {
  const untilMs = performance.now() + waitMs(options.wait);
  const look = async () => (await examineAll(options, io)) ?? (await examineParts(options, io));
  let checks = await look();
  while (checks.some((check) => !check.ok) && performance.now() + AGAIN_MS <= untilMs && !io.signal.aborted) {
    await sleep(AGAIN_MS, null, { signal: io.signal }).catch(() => undefined);
    checks = await look();
  }
  if (options.json) io.out(`${JSON.stringify({ checks }, null, 2)}\n`);
  else for (const { what, ok, says } of checks) io.out(`${ok ? "ok  " : "FAIL"} ${what}: ${says}\n`);
  return checks.every((check) => check.ok) ? EXIT.ok : EXIT.notRecovered;
}

function waitMs(text: string | undefined): number {
  if (text === undefined) return 0;
  const ms = parseDuration(text);
  if (ms !== null && ms > 0 && ms <= LONGEST_WAIT_MS) return ms;
  throw new AftershockError("usage", `--wait is "${text}"`, { hint: "expected a time up to 1h, for example 90s" });
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
    messagesCheck(config),
  ];
}
