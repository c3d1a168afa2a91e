import type { Book } from "../../app/records/experiment-reader.ts";
import { describeError } from "../../core/model/error.ts";
import { alertText } from "../../core/text/event.ts";
import type { Clock } from "../../ports/clock.ts";
import type { HaltSwitch } from "../../ports/lease.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import type { WebStatus } from "../../views/data.ts";
import { version } from "../version.ts";
import type { WorkerFacts } from "./facts.ts";

/** Who is asked for it. */
interface StatusDeps {
  readonly clock: Pick<Clock, "nowMs">;
  readonly book: Book;
  readonly halt: Pick<HaltSwitch, "read">;
  readonly metrics: Pick<MetricsSource, "health">;
}

/** What every page says at its top; `signal` ends the questions to the cluster and the source. */
export async function statusOf(
  deps: StatusDeps,
  { settings, notFollowed }: WorkerFacts,
  signal: AbortSignal,
): Promise<WebStatus> {
  const { mode, policies, timezone, cluster, links = [] } = settings;
  const [halt, blind] = await Promise.all([
    deps.halt.read(signal).then(
      (stands) => (stands === null ? ({ kind: "none" } as const) : ({ kind: "halted", ...stands } as const)),
      (cause: unknown) => ({ kind: "unknown", why: describeError(cause) }) as const,
    ),
    deps.metrics.health(signal).then(
      (health) => health.blind,
      (cause: unknown) => describeError(cause),
    ),
  ]);
  return {
    cluster,
    version: version(),
    mode,
    policies: policies.map((policy) => ({ name: policy.name, mode: policy.mode })),
    notFollowed,
    alerts: await earlyAlerts(deps.book),
    halt,
    links,
    blind,
    timezone,
    nowMs: deps.clock.nowMs(),
  };
}

/** Alerts of experiments that have no verdict yet. */
async function earlyAlerts(book: StatusDeps["book"]): Promise<NonNullable<WebStatus["alerts"]>> {
  const open = await book.open().catch(() => []);
  return open.flatMap(({ plan, alert, judgement }) =>
    plan === null || alert === null || judgement !== null ? [] : [{ id: plan.id, text: alertText(alert.services) }],
  );
}
