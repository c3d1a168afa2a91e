import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { CallCount } from "../../adapters/kubernetes/client/calls.ts";
import type { Listener } from "../../app/records/append-event.ts";
import type { Loop } from "../../app/worker/loops.ts";
import { hasOpenDamage } from "../../core/experiment/life.ts";
import type { ExperimentState, Phase } from "../../core/model/experiment.ts";
import { falseAlarmOf, OUTCOMES_WORST_FIRST, outcomeOf } from "../../core/model/outcome.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { faultText } from "../../core/text/subject.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Delivery } from "../../ports/notifier.ts";

/** What is asked of whom, and how that went. */
export type Asked = "ok" | "failed";

/** What the worker knows at the moment of a scrape. */
export interface ScrapedNow {
  /** Experiments that have not ended; null: the journal did not say. */
  readonly open: readonly ExperimentState[] | null;
  readonly calls: readonly CallCount[];
}

/**
 * Numbers of this process for Prometheus, by its conventions: base units, counters that end in
 * `_total`, labels whose values are few whatever the cluster holds. docs/metrics.md lists them all.
 */
export interface OwnMetrics {
  /** Hears every event of an experiment that this process writes. */
  readonly listener: Listener;
  /** A loop of the worker came to its end without a failure. */
  worked(loop: Loop): void;
  apiRequest(verb: string, ms: number, how: Asked): void;
  sourceRead(kind: string, ms: number, how: Asked): void;
  journalAppend(ms: number, how: Asked): void;
  judgement(ms: number, how: Asked): void;
  message(how: Delivery | "failed"): void;
  wakeUp(ms: number, how: Asked): void;
  /** All of them in Prometheus' text format 0.0.4. */
  text(now: ScrapedNow): Promise<string>;
  /** Name, type, labels and help of each, for the page that documents them. */
  described(): Promise<readonly Described[]>;
}

export interface Described {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

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
/** A choice whose call was never told is forgotten after so many others. */
const CHOICES_REMEMBERED = 50;

const ACTIVE: readonly Phase[] = ["intended", "observing", "cleared", "judged", "diagnosed"];

/** `clock` stamps success. */
export function ownMetrics(version: string, clock: Pick<Clock, "nowMs">): OwnMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
  for (const name of LAG_STATISTICS) registry.removeSingleMetric(`nodejs_eventloop_lag_${name}_seconds`);
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter<L>({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge<L>({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram<L>({ name, help, buckets, labelNames, registers });

  const events = counter(
    "aftershock_experiment_events_total",
    "Events of experiments that this process wrote.",
    "event",
  );
  const refusals = counter("aftershock_refusals_total", "Injections that a gate refused.", "gate");
  const verdicts = counter("aftershock_verdicts_total", "Headlines of judged experiments.", "verdict", "kind");
  const outcomes = counter(
    "aftershock_outcomes_total",
    "Outcomes of judged experiments in which something was injected or happened.",
    "outcome",
  );
  const shams = counter("aftershock_shams_total", "Shams whose verdict was not unknown.");
  const falseAlarms = counter("aftershock_false_alarms_total", "Shams in which a service was called worse.");
  const damage = gauge("aftershock_open_damage", "Experiments whose damage is still there.");
  const active = gauge(
    "aftershock_experiment_active",
    "1 while an experiment is between its intent and its verdict; absent otherwise.",
    "policy",
    "fault",
    "namespace",
    "workload",
  );
  const storageUp = gauge("aftershock_storage_up", "1 when the journal could be read at this scrape, else 0.");
  const lastSuccess = gauge(
    "aftershock_loop_last_success_timestamp_seconds",
    "When each loop of the worker last came to its end without a failure.",
    "loop",
  );
  const apiRequests = counter(
    "aftershock_kubernetes_requests_total",
    "Requests to the API server.",
    "verb",
    "group",
    "resource",
  );
  const apiDuration = histogram(
    "aftershock_kubernetes_request_duration_seconds",
    "Time from a request to the API server to its answer; watches until they stand.",
    QUICK_S,
    "verb",
    "result",
  );
  const readDuration = histogram(
    "aftershock_source_read_duration_seconds",
    "Time of one reading of the metrics source, which may be several requests.",
    SLOW_S,
    "reading",
    "result",
  );
  const appendDuration = histogram(
    "aftershock_journal_append_duration_seconds",
    "Time until the journal has made events durable.",
    QUICK_S,
    "result",
  );
  const judgementDuration = histogram(
    "aftershock_judgement_duration_seconds",
    "Time of one judgement, the wait for its thread included.",
    SLOW_S,
    "result",
  );
  const callDuration = histogram(
    "aftershock_choice_to_call_seconds",
    "Time from the choice of a target to the answer of the call that hit it.",
    QUICK_S,
  );
  const recoveryDuration = histogram(
    "aftershock_recovery_duration_seconds",
    "Time from the fault to the recovery of damage that was open at the verdict.",
    RECOVERY_S,
  );
  const wakeUpDuration = histogram(
    "aftershock_queue_wake_up_duration_seconds",
    "Time that the handling of one wake-up of the queue took.",
    SLOW_S,
    "result",
  );
  const messages = counter("aftershock_messages_total", "Messages, by what became of them.", "result");
  gauge("aftershock_build_info", "1; the version of this process is its label.", "version").set({ version }, 1);
  // a series that begins with its first event has no increase: what is few is there from the start
  for (const outcome of OUTCOMES_WORST_FIRST) outcomes.inc({ outcome }, 0);
  for (const result of ["sent", "maybe", "held", "failed"]) messages.inc({ result }, 0);

  const chosenAtMs = new Map<string, number>();
  const choiceTold = (id: string, kind: string): void => {
    if (kind === "chosen") {
      chosenAtMs.set(id, performance.now());
      const [oldest] = chosenAtMs.size > CHOICES_REMEMBERED ? chosenAtMs.keys() : [];
      if (oldest !== undefined) chosenAtMs.delete(oldest);
      return;
    }
    const began = chosenAtMs.get(id);
    if (began === undefined) return;
    if (kind === "injected") callDuration.observe((performance.now() - began) / SECOND_MS);
    if (kind !== "intended" && kind !== "awaited") chosenAtMs.delete(id);
  };

  const scraped = ({ open, calls }: ScrapedNow): void => {
    storageUp.set(open === null ? 0 : 1);
    active.reset();
    // what is not known has no value, rather than the last one
    damage.remove();
    if (open !== null) {
      damage.set(open.filter(hasOpenDamage).length);
      for (const state of open.filter(({ phase }) => ACTIVE.includes(phase))) active.set(labelsOf(state), 1);
    }
    apiRequests.reset();
    for (const { verb, group, resource, count } of calls) apiRequests.inc({ verb, group, resource }, count);
  };

  return {
    listener(id, event, state) {
      events.inc({ event: event.kind });
      choiceTold(id, event.kind);
      if (event.kind === "refused") refusals.inc({ gate: event.gate });
      if (event.kind === "recovered") recoveryDuration.observe(event.afterMs / SECOND_MS);
      if (event.kind !== "judged") return;
      const kind = state.plan?.sham ? "sham" : "fault";
      verdicts.inc({ verdict: event.judgement.headline, kind });
      const outcome = outcomeOf(state);
      if (outcome !== null) outcomes.inc({ outcome });
      const falseAlarm = falseAlarmOf(state);
      if (falseAlarm !== null) shams.inc();
      if (falseAlarm === true) falseAlarms.inc();
    },
    worked: (loop) => lastSuccess.set({ loop }, clock.nowMs() / SECOND_MS),
    apiRequest: (verb, ms, result) => apiDuration.observe({ verb, result }, ms / SECOND_MS),
    sourceRead: (reading, ms, result) => readDuration.observe({ reading, result }, ms / SECOND_MS),
    journalAppend: (ms, result) => appendDuration.observe({ result }, ms / SECOND_MS),
    judgement: (ms, result) => judgementDuration.observe({ result }, ms / SECOND_MS),
    message: (result) => messages.inc({ result }),
    wakeUp: (ms, result) => wakeUpDuration.observe({ result }, ms / SECOND_MS),
    text(now) {
      scraped(now);
      return registry.metrics();
    },
    async described() {
      const families = await registry.getMetricsAsJSON();
      return families.map(({ name, type, help }) => {
        const { labelNames = [] } = registry.getSingleMetric(name) as { labelNames?: readonly string[] };
        return { name, type: String(type), labels: labelNames, help };
      });
    },
  };
}

/** Workloads are as many as the cluster has, and only those that are hit now have a series. */
function labelsOf(state: ExperimentState) {
  const { namespace = "", name = "" } = state.choice?.target.workload ?? {};
  return { policy: state.plan?.policy ?? "", fault: faultText(state), namespace, workload: name };
}
