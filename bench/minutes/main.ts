import { writeFileSync } from "node:fs";
import { readOptions } from "../lib/options.ts";
import type { Rate } from "../truth/summary.ts";
import { WORLDS, type WorldKind } from "../truth/world.ts";
import { type AuditRow, measureAudit } from "./audit.ts";
import { LEVELS, measureNulls, measurePower, type NullRow, type PowerRow, RUNS } from "./measure.ts";

const USAGE = `Measures what the minutes that were not drawn say over several experiments, in generated worlds: how often they are wrong, and what they find.

  npm run bench:minutes -- [--seed N] [--services N] [--worlds ordinary,shocks] [--minutes 60,240] [--json FILE]

  --seed      seed of the worlds (default 1)
  --services  services a world (default 24)
  --worlds    ${WORLDS.join(", ")} (default: all)
  --minutes   sizes of the stretch from which each instant is drawn (default 60,240)`;

const percent = ({ rate, low, high, n }: Rate): string =>
  n === 0 ? "-" : `${(100 * rate).toFixed(2)} % [${(100 * low).toFixed(2)}–${(100 * high).toFixed(2)}]`;

const cellsOf = (at: Readonly<Record<string, Rate>>): string =>
  LEVELS.map((level) => percent(at[level]!).padEnd(24)).join("");

function printNulls(rows: readonly NullRow[]): void {
  console.log(
    "\n== Nothing injected: share of choices of the minutes ≤ level. Unit: a service and signal with so many experiments ==",
  );
  console.log(
    `${"world".padEnd(14)}${"minutes".padEnd(9)}${"experiments".padEnd(13)}${LEVELS.map((level) => `at ${100 * level} %`.padEnd(24)).join("")}`,
  );
  for (const { world, minutes, runs, at } of rows)
    console.log(`${world.padEnd(14)}${String(minutes).padEnd(9)}${runs.padEnd(13)}${cellsOf(at)}`);
}

function printPower(rows: readonly PowerRow[]): void {
  console.log("\n== Every experiment hurts: seen at 1 %, by number of experiments. Unit: a service ==");
  for (const { effect, minutes, found } of rows) {
    const cells = RUNS.map((runs) => `${runs}: ${(100 * found[runs]!.rate).toFixed(0)} %`.padEnd(12));
    console.log(`${effect.padEnd(24)}${`of ${minutes} minutes`.padEnd(18)}${cells.join("")} n = ${found[1]!.n}`);
  }
}

function printAudit(rows: readonly AuditRow[]): void {
  console.log("\n== The audit of shams. Unit: three months of 90 shams, looked at after every fifth ==");
  for (const { world, jobShare, at, warned, medianShams } of rows) {
    const job = jobShare === 0 ? "no job at our minutes" : `a job at ${100 * jobShare} % of them`;
    const after = medianShams === null ? "" : `, after ${medianShams} shams in the median`;
    console.log(
      `${world.padEnd(14)}${job.padEnd(26)}p ≤ 5 %: ${percent(at[0.05]!).padEnd(24)}warned ${percent(warned)}${after}`,
    );
  }
}

function main(): void {
  const { seed, services, json, ...words } = readOptions(USAGE, {
    seed: { number: 1 },
    services: { number: 24, least: 4 },
    worlds: { text: WORLDS.join(","), words: WORLDS, list: true },
    minutes: { text: "60,240", words: ["60", "120", "240"], list: true },
    json: { text: undefined },
  });
  const worlds = words.worlds.split(",") as WorldKind[];
  const sizes = words.minutes.split(",").map(Number);
  const nulls = worlds.flatMap((kind) => sizes.flatMap((minutes) => measureNulls(kind, services, seed, minutes)));
  printNulls(nulls);
  const power = sizes.flatMap((minutes) => measurePower(services, seed + 500, minutes));
  printPower(power);
  const audit = worlds.flatMap((kind) => measureAudit(kind, services, seed, sizes[0]!));
  printAudit(audit);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ seed, services, nulls, power, audit }, null, 1)}\n`);
}

main();
