import { NO_TEAMS } from "../../app/policies/teams.ts";
import { namespacesOf } from "../../app/preflight/snapshot-around.ts";
import { slotsOf } from "../../app/schedule/wake-ups.ts";
import type { Policy } from "../../core/model/policy.ts";
import { DAY_MS } from "../../core/model/units.ts";
import type { TargetFacts } from "../../core/targeting/facts.ts";
import { whatIf } from "../../core/targeting/what-if.ts";
import { whatIfText } from "../../core/targeting/what-if-text.ts";
import { counted, formatTime } from "../../core/text/format.ts";
import { EXIT, type Io } from "../io.ts";
import { type ConfiguredOptions, readConfig, systemNowMs } from "../setup/configured.ts";
import { notFollowed, settingsNow, settingsOf } from "../setup/settings.ts";

interface PlanOptions extends ConfiguredOptions {
  readonly days: number;
  readonly whatIf?: boolean;
}

/** The next slots, which need no storage, or what they could hit. */
export async function plan(options: PlanOptions, io: Io): Promise<number> {
  return options.whatIf ? printWhatIf(options, io) : printSlots(options, io);
}

async function printSlots(options: PlanOptions, io: Io): Promise<number> {
  const { settings, found } = await settingsFor(options, io);
  const nowMs = systemNowMs();
  const slots = slotsOf(settings, nowMs, nowMs + options.days * DAY_MS);
  if (options.json) {
    io.out(
      `${JSON.stringify(
        {
          slots: slots.map((slot) => ({ ...slot, at: new Date(slot.slotMs).toISOString() })),
          notFollowed: notFollowed(found),
        },
        null,
        2,
      )}\n`,
    );
    return EXIT.ok;
  }
  for (const slot of slots) {
    const zone = settings.policies.find((policy) => policy.name === slot.policy)?.schedule.timezone ?? "UTC";
    io.out(`${formatTime(slot.slotMs, zone)} ${zone}  ${slot.policy}${slot.sham ? "  (sham)" : ""}\n`);
  }
  io.out(
    `${counted(slots.length, "slot")} in ${counted(options.days, "day")}; mode ${settings.mode}. Every gate is asked again at its slot.\n`,
  );
  for (const { policy, why } of notFollowed(found)) io.out(`not followed: ${policy}: ${why}\n`);
  return EXIT.ok;
}

/**
 * Loads the cluster's client only where a cluster is asked: slots alone come from the
 * configuration.
 */
const clusterOf = async (options: PlanOptions, io: Io) => (await import("../open-cluster.ts")).openCluster(options, io);

/** The configuration alone, unless there are teams whose policies stand in the cluster. */
async function settingsFor(options: PlanOptions, io: Io) {
  const { config } = await readConfig(options, io, true);
  if (config.teams === null) return { settings: settingsOf(config), found: NO_TEAMS };
  await using cluster = await clusterOf(options, io);
  return await settingsNow(cluster, io.signal);
}

async function printWhatIf(options: PlanOptions, io: Io): Promise<number> {
  await using cluster = await clusterOf(options, io);
  const { settings, found } = await settingsNow(cluster, io.signal);
  const nowMs = cluster.clock.nowMs();
  const edges = await cluster.metrics.edges({ fromMs: nowMs - DAY_MS, toMs: nowMs }, io.signal);
  const patterns = settings.policies.flatMap((policy) => policy.target.namespaces);
  const namespaces = await namespacesOf(cluster.reader, patterns, edges, io.signal);
  const snapshot = await cluster.reader.snapshot(namespaces, io.signal);
  const { knownFacts } = await import("./target-facts.ts");
  const known = await knownFacts(cluster, settings, io);
  const facts = new Map<Policy, TargetFacts>();
  for (const policy of settings.policies) facts.set(policy, await known.of(policy, snapshot, io.signal));
  const answer = whatIf(settings.policies, snapshot, edges, (policy) => facts.get(policy)!);
  const { unknown } = known;
  if (options.json) {
    const told = { ...answer, notFollowed: notFollowed(found), ...(unknown === null ? {} : { unknown }) };
    io.out(`${JSON.stringify(told, null, 2)}\n`);
    return EXIT.ok;
  }
  io.out(`${whatIfText(answer)}\n`);
  if (unknown !== null) io.out(`${unknown}\n`);
  for (const { policy, why } of notFollowed(found)) io.out(`not followed: ${policy}: ${why}\n`);
  return EXIT.ok;
}
