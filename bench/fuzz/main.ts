import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { loadSignals } from "../../src/adapters/prometheus/signals/signals.ts";
import { readOptions } from "../lib/options.ts";
import { fuzzCase } from "./cases.ts";
import { manyServices } from "./many.ts";
import { checkCase } from "./properties.ts";

const USAGE = `Reads and judges telemetry that is broken in every way we know of, and demands that nothing is made up.

  npm run bench:fuzz -- [--runs N] [--seed S] [--services N] [--json FILE]

  --runs       inputs (default 100000); each is read, judged, judged with its unknown steps filled with nonsense, and judged blind
  --seed       of the inputs (default 1)
  --services   services of the one large input at the end (default 10000; 0: none)

What must hold is listed in bench/fuzz/properties.ts. The first input for which it does not is made as small as possible and printed.`;

async function main(): Promise<number> {
  const values = readOptions(USAGE, {
    runs: { number: 100_000, least: 1 },
    seed: { number: 1 },
    services: { number: 10_000 },
    json: { text: undefined },
  });
  const signals = loadSignals(readFileSync(join(ROOT, "rules/signals/istio.yaml"), "utf8"));
  const told = new Map<string, number>();
  let inputs = 0;
  let decidedByHistory = 0;
  const start = performance.now();
  const property = fc.asyncProperty(fuzzCase, async (fuzz) => {
    inputs++;
    for (const { verdict, learning } of await checkCase(fuzz, signals)) {
      told.set(verdict.kind, (told.get(verdict.kind) ?? 0) + 1);
      if (!learning) decidedByHistory++;
    }
  });
  const result = await fc.check(property, { numRuns: values.runs, seed: values.seed });
  const seconds = (performance.now() - start) / 1_000;
  if (result.failed) console.log(`${String(result.errorInstance)}\n${fc.defaultReportMessage(result)}`);
  const large = values.services > 0 ? manyServices(values.services) : null;
  const numbers = {
    inputs,
    seed: values.seed,
    failed: result.failed,
    seconds,
    verdicts: Object.fromEntries([...told].sort(([, a], [, b]) => b - a)),
    decided_by_history: decidedByHistory,
    large,
  };
  for (const [name, value] of Object.entries(numbers)) console.log(`${name.padEnd(20)} ${JSON.stringify(value)}`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(numbers, null, 1)}\n`);
  return result.failed ? 1 : 0;
}

process.exitCode = await main();
