import type { CallCount } from "../../adapters/kubernetes/client/calls.ts";
import type { Listener } from "../../app/records/append-event.ts";
import { falseAlarmOf, outcomeOf } from "../../core/model/outcome.ts";
import type { MetricFamily } from "../../views/metrics.ts";

/**
 * Counts what happens in this process; its families have few labels, whatever the cluster holds.
 */
export interface Counters {
  readonly listener: Listener;
  families(calls: readonly CallCount[]): readonly MetricFamily[];
}

export function counters(): Counters {
  const events = new Map<string, number>();
  const refusals = new Map<string, number>();
  const verdicts = new Map<string, number>();
  const outcomes = new Map<string, number>();
  const add = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  return {
    listener(_id, event, state) {
      add(events, event.kind);
      if (event.kind === "refused") add(refusals, event.gate);
      if (event.kind === "judged") add(outcomes, outcomeOf(state) ?? (falseAlarmOf(state) ? "false alarm" : "none"));
      if (event.kind === "judged") add(verdicts, `${event.judgement.headline} ${state.plan?.sham ? "sham" : "fault"}`);
    },
    families: (calls) => [
      family(
        "aftershock_experiment_events_total",
        "Events of experiments since this process started.",
        events,
        "event",
      ),
      family("aftershock_refusals_total", "Injections that a gate refused.", refusals, "gate"),
      {
        name: "aftershock_verdicts_total",
        help: "Headlines of judged experiments.",
        type: "counter",
        samples: [...verdicts].map(([key, value]) => {
          const [verdict = "", kind = ""] = key.split(" ");
          return { labels: { verdict, kind }, value };
        }),
      },
      family(
        "aftershock_outcomes_total",
        "Outcomes of judged experiments; shams are false alarms or none.",
        outcomes,
        "outcome",
      ),
      {
        name: "aftershock_kubernetes_requests_total",
        help: "Requests to the API server.",
        type: "counter",
        samples: byVerbAndResource(calls),
      },
    ],
  };
}

export const openDamageFamily = (openDamage: number): MetricFamily => ({
  name: "aftershock_open_damage",
  help: "Experiments whose damage is still there.",
  type: "gauge",
  samples: [{ labels: {}, value: openDamage }],
});

const family = (name: string, help: string, counts: ReadonlyMap<string, number>, label: string): MetricFamily => ({
  name,
  help,
  type: "counter",
  samples: [...counts].map(([key, value]) => ({ labels: { [label]: key }, value })),
});

/** Requests of one verb on one kind of object, however they were asked. */
function byVerbAndResource(calls: readonly CallCount[]): MetricFamily["samples"] {
  const groups = Map.groupBy(calls, ({ verb, group, resource }) => `${verb} ${group} ${resource}`);
  return [...groups.values()].map((same) => {
    const { verb, group, resource } = same[0] as CallCount;
    return { labels: { verb, group, resource }, value: same.reduce((sum, one) => sum + one.count, 0) };
  });
}
