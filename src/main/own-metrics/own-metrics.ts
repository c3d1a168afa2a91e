import type { CallCount } from "../../adapters/kubernetes/client/calls.ts";
import type { Listener } from "../../app/records/append-event.ts";
import type { Loop } from "../../app/worker/loops.ts";
import { hasOpenDamage } from "../../core/experiment/life.ts";
import type { ExperimentState, Phase } from "../../core/model/experiment.ts";
import { falseAlarmOf, outcomeOf } from "../../core/model/outcome.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { faultText } from "../../core/text/subject.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Delivery } from "../../ports/notifier.ts";
import { experimentFamilies, processRegistry, workFamilies } from "./families.ts";

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

/** A choice whose call was never told is forgotten after so many others. */
const CHOICES_REMEMBERED = 50;

const ACTIVE: readonly Phase[] = ["intended", "observing", "cleared", "judged", "diagnosed"];

/** `clock` stamps success. */
export function ownMetrics(version: string, clock: Pick<Clock, "nowMs">): OwnMetrics {
  const registry = processRegistry(version);
  const experiments = experimentFamilies(registry);
  const work = workFamilies(registry);
  const choiceTold = choiceToCall((ms) => experiments.callDuration.observe(ms / SECOND_MS));

  const scraped = ({ open, calls }: ScrapedNow): void => {
    work.storageUp.set(open === null ? 0 : 1);
    experiments.active.reset();
    // What is not known has no value, rather than the last one.
    experiments.damage.remove();
    if (open !== null) {
      experiments.damage.set(open.filter(hasOpenDamage).length);
      for (const state of open.filter(({ phase }) => ACTIVE.includes(phase)))
        experiments.active.set(labelsOf(state), 1);
    }
    work.apiRequests.reset();
    for (const { verb, group, resource, count } of calls) work.apiRequests.inc({ verb, group, resource }, count);
  };

  return {
    listener(id, event, state) {
      experiments.events.inc({ event: event.kind });
      choiceTold(id, event.kind);
      if (event.kind === "refused") experiments.refusals.inc({ gate: event.gate });
      if (event.kind === "recovered") experiments.recoveryDuration.observe(event.afterMs / SECOND_MS);
      if (event.kind !== "judged") return;
      const kind = state.plan?.sham ? "sham" : "fault";
      experiments.verdicts.inc({ verdict: event.judgement.headline, kind });
      const outcome = outcomeOf(state);
      if (outcome !== null) experiments.outcomes.inc({ outcome });
      const falseAlarm = falseAlarmOf(state);
      if (falseAlarm !== null) experiments.shams.inc();
      if (falseAlarm === true) experiments.falseAlarms.inc();
    },
    worked: (loop) => work.lastSuccess.set({ loop }, clock.nowMs() / SECOND_MS),
    apiRequest: (verb, ms, result) => work.apiDuration.observe({ verb, result }, ms / SECOND_MS),
    sourceRead: (reading, ms, result) => work.readDuration.observe({ reading, result }, ms / SECOND_MS),
    journalAppend: (ms, result) => work.appendDuration.observe({ result }, ms / SECOND_MS),
    judgement: (ms, result) => work.judgementDuration.observe({ result }, ms / SECOND_MS),
    message: (result) => work.messages.inc({ result }),
    wakeUp: (ms, result) => work.wakeUpDuration.observe({ result }, ms / SECOND_MS),
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

/**
 * Hears the events of experiments, and tells `observe` how long it took from a choice to the answer
 * of the call, ms.
 */
function choiceToCall(observe: (ms: number) => void): (id: string, kind: string) => void {
  const chosenAtMs = new Map<string, number>();
  return (id, kind) => {
    if (kind === "chosen") {
      chosenAtMs.set(id, performance.now());
      const [oldest] = chosenAtMs.size > CHOICES_REMEMBERED ? chosenAtMs.keys() : [];
      if (oldest !== undefined) chosenAtMs.delete(oldest);
      return;
    }
    const began = chosenAtMs.get(id);
    if (began === undefined) return;
    if (kind === "injected") observe(performance.now() - began);
    if (kind !== "intended" && kind !== "awaited") chosenAtMs.delete(id);
  };
}

/** Workloads are as many as the cluster has, and only those that are hit now have a series. */
function labelsOf(state: ExperimentState) {
  const { namespace = "", name = "" } = state.choice?.target.workload ?? {};
  return { policy: state.plan?.policy ?? "", fault: faultText(state), namespace, workload: name };
}
