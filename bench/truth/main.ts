import { writeFileSync } from "node:fs";
import { Q_OWN_WINDOW, Q_WITH_RECORD } from "../../src/core/judge/input/constants.ts";
import { readSets } from "../detect/read-set.ts";
import { orEnd, readOptions } from "../lib/options.ts";
import type { Knowledge } from "./experiment.ts";
import { measureEffects, measureQuiet, type Outcome } from "./measure.ts";
import { measureOwnWindow } from "./own-window.ts";
import { measureReal, type RealRow } from "./real.ts";
import { measureRecovery, type Recovery, WINDOWS } from "./recovery.ts";
import {
  type ComponentRow,
  componentRows,
  type DecisionRow,
  decisionRows,
  effectSummary,
  type Rate,
  rateOf,
} from "./summary.ts";
import { WORLDS, type WorldKind } from "./world.ts";

const USAGE = `Measures how often the judge is wrong, in generated worlds where the truth is known.

  npm run bench:truth -- [--seeds 1,2] [--services N] [--worlds ordinary,shocks] [--effects N] [--recovery N] [--own-window N] [--data DIR] [--json FILE]

  --seeds      seeds of the worlds (default 1); constants are frozen before a seed above 1000 is ever run
  --services   services a world (default 60)
  --worlds     ${WORLDS.join(", ")} (default: all)
  --effects    injected effects a moment and kind of knowledge (default 6; 0: none)
  --recovery   short bursts of slow answers a moment, of which it is asked when they are closed (default 6; 0: none)
  --own-window worlds of 24 quiet experiments each, judged without history (default 0; 210 make 5,000 experiments)
  --data       also the quiet moments (placebos.json) of recorded sets, as bench:detect reads them`;

const percent = (r: Rate, digits = 2): string =>
  r.n === 0
    ? "-"
    : `${(100 * r.rate).toFixed(digits)} % [${(100 * r.low).toFixed(digits)}–${(100 * r.high).toFixed(digits)}]`;

function printComponents(rows: readonly ComponentRow[]): void {
  console.log("\n== False alarms of each p before minimum effect. Unit: one component, one service, one moment ==");
  console.log(
    `${"world".padEnd(14)}${"signal, component".padEnd(24)}${"at 5 %".padEnd(24)}${"at 1 %".padEnd(24)}${"at 0.1 %".padEnd(24)}service p95  p<.1/.2/.5`,
  );
  for (const r of rows) {
    const cells = ["0.05", "0.01", "0.001"].map((level) => percent(r.at[level]!).padEnd(24)).join("");
    const uniform = r.uniform.map((x) => x.toFixed(2)).join("/");
    console.log(
      `${r.world.padEnd(14)}${r.component.padEnd(24)}${cells}${(100 * r.service_p95_at_1).toFixed(1).padEnd(13)}${uniform}`,
    );
  }
}

function printDecisions(rows: readonly DecisionRow[]): void {
  console.log("\n== False alarms of the whole judge. Units: alarm an experiment; decision a service and signal ==");
  for (const r of rows) {
    const decisions = Object.entries(r.decision)
      .map(([signal, d]) => `${signal} ${percent(d)}`)
      .join("  ");
    console.log(
      `${r.world.padEnd(14)}${r.knowledge.padEnd(12)}alarm ${percent(r.alarm_per_experiment, 1).padEnd(22)}${decisions}`,
    );
  }
}

function printEffects(summary: ReturnType<typeof effectSummary>): void {
  console.log(`\n== Injected effects, judged with: ${summary.knowledge} ==`);
  for (const r of summary.recall) {
    console.log(
      `${r.signal.padEnd(10)}${String(r.size).padEnd(6)} found ${percent(r.all, 0).padEnd(20)} where it promised to: ${percent(r.detectable, 0)} of ${r.detectable.n}`,
    );
  }
  for (const c of summary.confusion) console.log(`${c.course.padEnd(14)} told ${JSON.stringify(c.told)}`);
}

function printReal(rows: readonly RealRow[]): void {
  console.log(
    "\n== Quiet moments of real systems. Units: alarm a window; p of a service and signal, its minimum effect inside ==",
  );
  for (const r of rows) {
    console.log(
      `${r.set.padEnd(14)}${r.knowledge.padEnd(12)}alarm ${percent(r.alarm_per_window, 1)} of ${r.alarm_per_window.n} windows`,
    );
    for (const [signal, at] of Object.entries(r.p_at)) {
      const cells = Object.entries(at).map(([level, rate]) => `p ≤ ${level}: ${percent(rate)}`);
      console.log(`${"".padEnd(26)}${signal.padEnd(12)}${cells.join("  ")}  of ${Object.values(at)[0]!.n}`);
    }
  }
}

function budget(name: string, value: Rate, limit: string, ok: boolean): void {
  console.log(`${ok ? "ok  " : "OVER"} ${name.padEnd(44)} ${percent(value).padEnd(26)} budget ${limit}`);
}

/**
 * Pools one signal's components over worlds: k and n added. Where nothing ever fails no p of the
 * failures can be small: that world has its own rows only.
 */
function pooled(rows: readonly ComponentRow[], signal: string, level: string): Rate {
  const of = rows
    .filter((r) => r.component.startsWith(`${signal} `) && !r.component.includes("both"))
    .filter((r) => !(signal === "failures" && r.world === "zero-failure"))
    .map((r) => r.at[level]!);
  const n = of.reduce((a, r) => a + r.n, 0);
  return rateOf(Math.round(of.reduce((a, r) => a + r.rate * r.n, 0)), n);
}

/** Alarms with one kind of knowledge, over all worlds or one. */
function alarmsOf(rows: readonly DecisionRow[], knowledge: Knowledge, world?: WorldKind): Rate {
  const of = rows
    .filter((r) => r.knowledge === knowledge && (world === undefined || r.world === world))
    .map((r) => r.alarm_per_experiment);
  const n = of.reduce((a, r) => a + r.n, 0);
  return rateOf(Math.round(of.reduce((a, r) => a + r.rate * r.n, 0)), n);
}

/** Alarms in many short ordinary worlds, whose seeds follow from `seed`. */
function ownWindowAlarms(services: number, seed: number, worlds: number): Rate {
  const each = Array.from({ length: worlds }, (_, i) => measureOwnWindow(services, 10_000 * seed + i));
  const sum = (of: (one: (typeof each)[number]) => number): number => each.reduce((a, one) => a + of(one), 0);
  return rateOf(
    sum((one) => one.alarms),
    sum((one) => one.experiments),
  );
}

function main(): number {
  const values = readOptions(USAGE, {
    seeds: { text: "1" },
    services: { number: 60, least: 1 },
    worlds: { text: WORLDS.join(","), words: WORLDS, list: true },
    effects: { number: 6 },
    recovery: { number: 6 },
    "own-window": { number: 0 },
    data: { text: undefined },
    json: { text: undefined },
  });
  const seeds = values.seeds.split(",").map(Number);
  if (seeds.some((seed) => !Number.isInteger(seed))) {
    console.error(`--seeds expects whole numbers with commas between, not "${values.seeds}"\n\n${USAGE}`);
    return 64;
  }
  const worlds = values.worlds.split(",") as WorldKind[];
  const { data } = values;
  const sets = data === undefined ? [] : orEnd(() => readSets(data));
  const quiet = seeds.flatMap((seed) => worlds.map((kind) => measureQuiet(kind, values.services, seed)));
  const rows = quiet.flatMap(componentRows);
  const decisions = quiet.flatMap(decisionRows);
  printComponents(rows);
  printDecisions(decisions);
  const outcomes: Outcome[] =
    values.effects > 0 ? seeds.flatMap((seed) => measureEffects(values.services, seed + 500, values.effects)) : [];
  const summaries = (["own-window", "week"] as const).map((k) => effectSummary(outcomes, k));
  if (outcomes.length > 0) summaries.forEach(printEffects);
  const recoveries: Recovery[] =
    values.recovery > 0
      ? seeds.flatMap((seed) =>
          (["ordinary", "sparse"] as const)
            .filter((kind) => worlds.includes(kind))
            .flatMap((kind) => measureRecovery(kind, values.services, seed + 700, values.recovery)),
        )
      : [];
  const real = sets.flatMap(measureReal);
  if (values.data !== undefined) printReal(real);
  const signals = ["failures", "latency", "rate"];
  console.log("\n== Budgets ==");
  for (const signal of signals) {
    for (const level of ["0.05", "0.01"]) {
      const rate = pooled(rows, signal, level);
      const ratio = rate.rate / Number(level);
      budget(
        `${signal}: p ≤ ${level}, ${signal === "failures" ? "worlds that fail" : "all worlds"}`,
        rate,
        "0.5–1.3 × nominal",
        ratio >= 0.5 && ratio <= 1.3,
      );
    }
  }
  for (const [knowledge, q] of [
    ["own-window", Q_OWN_WINDOW],
    ["record", Q_WITH_RECORD],
    ["week", Q_WITH_RECORD],
  ] as const) {
    const alarms = alarmsOf(decisions, knowledge);
    // Where nothing was injected, a false discovery rate of q is an alarm in at most a share q of
    // the experiments.
    budget(`${knowledge}: alarm an experiment, all worlds`, alarms, `1.3 × ${100 * q} %`, !(alarms.rate > 1.3 * q));
  }
  if (worlds.includes("ordinary")) {
    const alarms = alarmsOf(decisions, "own-window", "ordinary");
    budget("own-window: alarm an experiment, ordinary", alarms, "1.3 × 1 %", !(alarms.rate > 1.3 * Q_OWN_WINDOW));
  }
  if (values["own-window"] > 0) {
    const alarms = ownWindowAlarms(values.services, seeds[0]!, values["own-window"]);
    budget(`own-window: alarm, ${alarms.n} ordinary moments`, alarms, "1.3 × 1 %", !(alarms.rate > 1.3 * Q_OWN_WINDOW));
  }
  for (const [name, of] of Map.groupBy(recoveries, ({ knowledge, world }) => `${knowledge}, ${world}`)) {
    const closed = rateOf(of.filter((r) => r.closedAfter !== null).length, of.length);
    budget(`${name}: slow burst closed in ${WINDOWS} windows`, closed, "≥ 95 %", !(closed.rate < 0.95));
  }
  for (const s of outcomes.length > 0 ? summaries : []) {
    budget(
      `${s.knowledge}: persistent called steady`,
      s.persistent_called_steady,
      "≤ 2 %",
      !(s.persistent_called_steady.rate > 0.02),
    );
    budget(
      `${s.knowledge}: transient called persistent`,
      s.transient_called_persistent,
      "≤ 2 %",
      !(s.transient_called_persistent.rate > 0.02),
    );
    budget(
      `${s.knowledge}: recovery intervals that cover`,
      s.recovery_interval_coverage,
      "≥ 93 %",
      !(s.recovery_interval_coverage.rate < 0.93),
    );
  }
  if (values.json !== undefined) {
    const week = summaries[1]!;
    const falseAlarms = Object.fromEntries(
      signals.map((s) => [
        s,
        Object.fromEntries(["0.05", "0.01", "0.001"].map((level) => [level, pooled(rows, s, level).rate])),
      ]),
    );
    const json = {
      unit: "component p of one service at one moment",
      seeds,
      services: values.services,
      false_alarm_rate: falseAlarms,
      persistent_called_steady: week.persistent_called_steady.rate,
      transient_called_persistent: week.transient_called_persistent.rate,
      recovery_interval_coverage: week.recovery_interval_coverage.rate,
      components: rows,
      decisions,
      effects: summaries,
      real,
    };
    writeFileSync(values.json, `${JSON.stringify(json, null, 1)}\n`);
  }
  return 0;
}

process.exitCode = main();
