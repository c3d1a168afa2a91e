import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { OUTCOMES_WORST_FIRST } from "../../core/model/outcome.ts";

/** Requests and writes: from a millisecond to the time-outs. */
const QUICK_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Verdicts, and handlers that wait for pods. */
const SLOW_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** Recoveries: seconds to days. */
const RECOVERY_S = [10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400];
/** The lag of the event loop is sampled this often; finer costs CPU when nothing happens. */
const LAG_PRECISION_MS = 100;
/** They contain that precision: a loop that is never late would seem to lag by it. */
const LAG_STATISTICS = ["min", "max", "mean", "stddev", "p50", "p90", "p99"] as const;

/** Families of `prom-client` that all belong to one registry. */
function makers(registry: Registry) {
  const registers = [registry];
  return {
    counter: <L extends string>(name: string, help: string, ...labelNames: L[]) =>
      new Counter<L>({ name, help, labelNames, registers }),
    gauge: <L extends string>(name: string, help: string, ...labelNames: L[]) =>
      new Gauge<L>({ name, help, labelNames, registers }),
    histogram: <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
      new Histogram<L>({ name, help, buckets, labelNames, registers }),
  };
}

/** A registry with what `prom-client` knows of this process. */
export function processRegistry(version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
  for (const name of LAG_STATISTICS) registry.removeSingleMetric(`nodejs_eventloop_lag_${name}_seconds`);
  const { gauge } = makers(registry);
  gauge("aftershock_build_info", "1; the version of this process is its label.", "version").set({ version }, 1);
  return registry;
}

/** What became of experiments. */
export function experimentFamilies(registry: Registry) {
  const { counter, gauge, histogram } = makers(registry);
  const outcomes = counter(
    "aftershock_outcomes_total",
    "Outcomes of judged experiments in which something was injected or happened.",
    "outcome",
  );
  // A series that begins with its first event has no increase: what is few is there from the start.
  for (const outcome of OUTCOMES_WORST_FIRST) outcomes.inc({ outcome }, 0);
  return {
    outcomes,
    events: counter("aftershock_experiment_events_total", "Events of experiments that this process wrote.", "event"),
    refusals: counter("aftershock_refusals_total", "Injections that a gate refused.", "gate"),
    verdicts: counter("aftershock_verdicts_total", "Headlines of judged experiments.", "verdict", "kind"),
    shams: counter("aftershock_shams_total", "Shams whose verdict was not unknown."),
    falseAlarms: counter("aftershock_false_alarms_total", "Shams in which a service was called worse."),
    damage: gauge("aftershock_open_damage", "Experiments whose damage is still there."),
    active: gauge(
      "aftershock_experiment_active",
      "1 while an experiment is between its intent and its verdict; absent otherwise.",
      "policy",
      "fault",
      "namespace",
      "workload",
    ),
    callDuration: histogram(
      "aftershock_choice_to_call_seconds",
      "Time from the choice of a target to the answer of the call that hit it.",
      QUICK_S,
    ),
    recoveryDuration: histogram(
      "aftershock_recovery_duration_seconds",
      "Time from the fault to the recovery of damage that was open at the verdict.",
      RECOVERY_S,
    ),
  };
}

/** How the work goes, and how those who are asked for it answer. */
export function workFamilies(registry: Registry) {
  const { counter, gauge, histogram } = makers(registry);
  const messages = counter("aftershock_messages_total", "Messages, by what became of them.", "result");
  for (const result of ["sent", "maybe", "held", "failed"]) messages.inc({ result }, 0);
  return {
    messages,
    storageUp: gauge("aftershock_storage_up", "1 when the journal could be read at this scrape, else 0."),
    lastSuccess: gauge(
      "aftershock_loop_last_success_timestamp_seconds",
      "When each loop of the worker last came to its end without a failure.",
      "loop",
    ),
    apiRequests: counter(
      "aftershock_kubernetes_requests_total",
      "Requests to the API server.",
      "verb",
      "group",
      "resource",
    ),
    apiDuration: histogram(
      "aftershock_kubernetes_request_duration_seconds",
      "Time from a request to the API server to its answer; watches until they stand.",
      QUICK_S,
      "verb",
      "result",
    ),
    readDuration: histogram(
      "aftershock_source_read_duration_seconds",
      "Time of one reading of the metrics source, which may be several requests.",
      SLOW_S,
      "reading",
      "result",
    ),
    appendDuration: histogram(
      "aftershock_journal_append_duration_seconds",
      "Time until the journal has made events durable.",
      QUICK_S,
      "result",
    ),
    judgementDuration: histogram(
      "aftershock_judgement_duration_seconds",
      "Time of one judgement, the wait for its thread included.",
      SLOW_S,
      "result",
    ),
    wakeUpDuration: histogram(
      "aftershock_queue_wake_up_duration_seconds",
      "Time that the handling of one wake-up of the queue took.",
      SLOW_S,
      "result",
    ),
  };
}
