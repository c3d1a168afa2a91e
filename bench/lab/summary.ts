import { type Rate, rateOf } from "../truth/summary.ts";
import type { LabRecord } from "./record.ts";
import type { Truth } from "./scenarios.ts";

const NOT_RECOVERED: readonly string[] = ["persistent", "unresolved"];
const RECOVERED: readonly string[] = ["transient", "slow-recovery"];
const WORSE: readonly string[] = [...NOT_RECOVERED, ...RECOVERED];
/** Damage must be closed so long after its cause is gone. */
const CLOSED_WITHIN_MS = 10 * 60_000;

export type Mark = "right" | "wrong" | "unknown";

/**
 * What a verdict on failures is worth, by what is true; `unknown` when the judge said that it does
 * not know.
 */
export function markOf(verdict: string, truth: Truth | undefined): Mark {
  if (verdict === "inconclusive") return "unknown";
  switch (truth) {
    case "stay":
      return NOT_RECOVERED.includes(verdict) ? "right" : "wrong";
    case "end":
      return RECOVERED.includes(verdict) ? "right" : "wrong";
    case "end-if-any":
      return NOT_RECOVERED.includes(verdict) ? "wrong" : "right";
    case undefined:
      return WORSE.includes(verdict) ? "wrong" : "right";
  }
}

/** A sham in which something is called worse. */
export const isFalseAlarm = ({ sham, verdicts }: LabRecord): boolean =>
  sham && verdicts.some(({ verdict }) => WORSE.includes(verdict));

/** Damage that was open for too long after its cause was gone. */
export const stayedOpen = ({ open, causeGoneMs, endedMs }: LabRecord): boolean =>
  open !== null && (open.closedMs === null || open.closedMs - (causeGoneMs ?? endedMs) > CLOSED_WITHIN_MS);

/** How often everything about a scenario was told right. */
export interface ScenarioSum {
  readonly scenario: string;
  readonly n: number;
  readonly right: number;
  /** Nothing is wrong, and something that is true was not told. */
  readonly unknown: number;
}

/**
 * Whether an experiment was told right as a whole: each service of its truth has the right verdict
 * on its failures, no other is called worse, the headline is that of what was hit, one cause is one
 * experiment, and nothing stays open.
 */
export function markOfWhole(one: LabRecord): Mark {
  if (one.headline === null) return "unknown";
  const found = one.verdicts.filter(({ signal }) => signal === "failures");
  const marks = found.map(({ service, verdict }) => markOf(verdict, one.truth[service]));
  const hurt = Object.entries(one.truth).filter(([, truth]) => truth !== "end-if-any");
  const headlineHides = hurt.length > 0 && !WORSE.includes(one.headline) && one.headline !== "inconclusive";
  if (marks.includes("wrong") || headlineHides || (one.experiments ?? 1) > 1 || stayedOpen(one)) return "wrong";
  const seen = new Set(found.map(({ service }) => service));
  return marks.includes("unknown") || hurt.some(([service]) => !seen.has(service)) ? "unknown" : "right";
}

function sumOf(scenario: string, records: readonly LabRecord[]): ScenarioSum {
  const marks = records.map(markOfWhole);
  const count = (mark: Mark): number => marks.filter((one) => one === mark).length;
  return { scenario, n: records.length, right: count("right"), unknown: count("unknown") };
}

/** Counts over everything that came to a verdict. */
export interface LabSummary {
  readonly experiments: number;
  readonly shams: number;
  /** Of the shams, those of which nothing could be said: no verdict is better than *unknown*. */
  readonly shamsUnknown: number;
  /** Refused by a gate, or could not run: of them nothing can be said. */
  readonly withoutVerdict: number;
  readonly failures: Readonly<Record<Mark, number>>;
  readonly failuresRight: Rate;
  readonly falseAlarms: Rate;
  readonly falseAlarmsLoaded: Rate;
  /** Experiments whose latency is called not recovered, of those whose cause ends by itself. */
  readonly latencyNotRecovered: Rate;
  readonly stayedOpen: Rate;
  readonly scenarios: readonly ScenarioSum[];
  /** What was wrong, one line each. */
  readonly wrong: readonly string[];
}

export function summarize(records: readonly LabRecord[]): LabSummary {
  const judged = records.filter(({ headline }) => headline !== null);
  const shams = judged.filter(({ sham }) => sham);
  const experiments = judged.filter(({ sham }) => !sham);
  const loaded = shams.filter((one) => one.loaded > 0);
  const marks = experiments.flatMap((one) =>
    one.verdicts
      .filter(({ signal }) => signal === "failures")
      .map((v) => ({ one, v, mark: markOf(v.verdict, one.truth[v.service]) })),
  );
  const count = (mark: Mark): number => marks.filter((m) => m.mark === mark).length;
  const ending = experiments.filter(({ truth }) => !Object.values(truth).includes("stay"));
  const slow = ending.filter(({ verdicts }) =>
    verdicts.some(({ signal, verdict }) => signal === "latency" && NOT_RECOVERED.includes(verdict)),
  );
  return {
    experiments: experiments.length,
    shams: shams.length,
    shamsUnknown: shams.filter(({ headline }) => headline === "inconclusive").length,
    withoutVerdict: records.length - judged.length,
    failures: { right: count("right"), wrong: count("wrong"), unknown: count("unknown") },
    failuresRight: rateOf(count("right"), count("right") + count("wrong")),
    falseAlarms: rateOf(shams.filter(isFalseAlarm).length, shams.length),
    falseAlarmsLoaded: rateOf(loaded.filter(isFalseAlarm).length, loaded.length),
    latencyNotRecovered: rateOf(slow.length, ending.length),
    stayedOpen: rateOf(judged.filter(stayedOpen).length, judged.length),
    scenarios: [...Map.groupBy(experiments, ({ scenario }) => scenario)].map(([name, ran]) => sumOf(name, ran)),
    wrong: [
      ...marks
        .filter((m) => m.mark === "wrong")
        .map(({ one, v }) => `${nameOf(one)}: failures of ${v.service} ${v.verdict}`),
      ...shams.filter(isFalseAlarm).map((one) => `${nameOf(one)}: ${alarmsOf(one)}`),
      ...slow.map((one) => `${nameOf(one)}: ${alarmsOf(one)}`),
      ...judged.filter(stayedOpen).map((one) => `${nameOf(one)}: open for too long`),
    ],
  };
}

const nameOf = ({ lane, startedMs, scenario, loaded }: LabRecord): string =>
  `${lane} ${new Date(startedMs).toISOString()} ${scenario}${loaded > 0 ? ` (loaded ${Math.round(100 * loaded)} %)` : ""}`;

const alarmsOf = ({ verdicts }: LabRecord): string =>
  verdicts
    .filter(({ verdict }) => WORSE.includes(verdict))
    .map(({ service, signal, verdict }) => `${signal} of ${service} ${verdict}`)
    .join(", ");
