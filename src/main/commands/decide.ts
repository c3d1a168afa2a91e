import { type Decision, decide } from "../../app/diagnose/decide.ts";
import { muteEnd } from "../../core/diagnose/handling.ts";
import { AftershockError } from "../../core/model/error.ts";
import { formatTime } from "../../core/text/format.ts";
import { EXIT, type Io } from "../io.ts";
import { openCluster } from "../open-cluster.ts";
import { type ConfiguredOptions, storageOf } from "../setup/configured.ts";
import { signature } from "../setup/whoami.ts";

export interface DecisionOptions {
  readonly until?: string;
  readonly why?: string;
  readonly to?: string;
}

/** Writes down what somebody decides about a finding, with who the API server says that is. */
export async function decideOn(
  action: string,
  id: string,
  options: ConfiguredOptions & DecisionOptions,
  io: Io,
): Promise<number> {
  await using cluster = await openCluster(options, io, { withoutSecrets: true });
  const { config, clock, log, client } = cluster;
  const { timezone } = config.report;
  const wanted = wish(action, id, options, (until) => muteEnd(until, timezone, clock.nowMs()));
  const by = await signature(client, io);
  const storage = await storageOf(config, io, { clock, log });
  try {
    const { fingerprint, event } = await decide({ journal: storage.journal, clock }, id, { ...wanted, by });
    const title = event.title ?? fingerprint;
    io.out(options.json ? `${JSON.stringify({ fingerprint, ...event })}\n` : `${answer(title, wanted, timezone)}\n`);
    return EXIT.ok;
  } finally {
    await storage.close();
  }
}

/** What is asked for, with everything that it needs. */
function wish(
  action: string,
  id: string,
  { until, why, to }: DecisionOptions,
  endOf: (until: string) => number,
): Omit<Decision, "by"> {
  if (id === "") throw usage(`findings ${action}: the id of a finding was expected`, "aftershock findings lists them");
  switch (action) {
    case "mute":
      if (until === undefined || !why?.trim())
        throw usage("findings mute: --until DATE and --why TEXT were expected", EXAMPLE);
      return { kind: "muted", why, untilMs: past(until, endOf) };
    case "accept":
      if (!why?.trim()) throw usage("findings accept: --why TEXT was expected", EXAMPLE);
      return { kind: "accepted", why };
    case "assign":
      if (!to?.trim()) throw usage("findings assign: --to OWNER was expected", EXAMPLE);
      return { kind: "assigned", owner: to };
    case "unmute":
      return { kind: "unmuted" };
    default:
      throw usage(`findings ${action}: mute, unmute, accept or assign was expected`, EXAMPLE);
  }
}

const EXAMPLE = 'aftershock findings mute ID --until 2026-12-04 --why "the driver\'s next release"';

const usage = (message: string, hint: string): AftershockError => new AftershockError("usage", message, { hint });

function past(until: string, endOf: (until: string) => number): number {
  try {
    return endOf(until);
  } catch (cause) {
    if (cause instanceof RangeError) throw usage(`--until: ${cause.message}`, EXAMPLE);
    throw cause;
  }
}

function answer(title: string, { kind, untilMs, owner }: Omit<Decision, "by">, timezone: string): string {
  const news = "Damage that stays open is told all the same, and a regression ends this.";
  switch (kind) {
    case "muted":
      return `Muted until ${formatTime(untilMs ?? 0, timezone).slice(0, 16)} (${timezone}): ${title}. ${news}`;
    case "accepted":
      return `Accepted: ${title}. ${news}`;
    case "assigned":
      return `Assigned to ${owner}: ${title}.`;
    case "unmuted":
      return `News of it is told again: ${title}.`;
  }
}
