import { writeFileSync } from "node:fs";
import { readOptions } from "../lib/options.ts";
import { tryBreaks } from "./breaks.ts";
import { CELL_LABEL, type Cell, measure, SIGNALS } from "./measure.ts";
import { serve } from "./server.ts";
import { TRANSFORMATIONS } from "./transform.ts";
import { makeWorld, WORLDS, type World } from "./world.ts";

const USAGE = `Tells whether what telemetry looks like changes what is read from it. Worlds are made, transformed without changing what is true of
them, written to a real Prometheus and judged; a cell is one world, one transformation and one signal.

  npm run bench:readings -- [--slice] [--only TEXT] [--world TEXT] [--json FILE]

  --breaks  makes mistakes in copies of the reader instead (bench/readings/breaks.ts), each of which some cells must notice
  --slice   one world only, as in CI
  --only    transformations (or mistakes) whose name holds this
  --world   worlds whose name holds this
Exit code 1 when a cell is wrong, or is unknown and not on the list of those that may be (bench/readings/may-be-unknown.ts).`;

const SLICE: readonly World[] = ["burst"];
const SEED = 13;

const options = readOptions(USAGE, {
  slice: { flag: false },
  breaks: { flag: false },
  only: { text: "" },
  world: { text: "" },
  json: { text: undefined },
});

if (options.breaks) {
  const { tried, unnoticed } = tryBreaks(options.only);
  console.log(`${tried} mistakes tried, ${tried - unnoticed.length} noticed`);
  process.exit(unnoticed.length === 0 ? 0 : 1);
}

const worlds = (options.slice ? SLICE : WORLDS).filter((world) => world.includes(options.world));
const transformations = TRANSFORMATIONS.filter(({ name }) => name.includes(options.only));
const cells: Cell[] = [];
for (const world of worlds) {
  const made = makeWorld(world, SEED);
  const all = transformations.flatMap((one, i) =>
    one.change(made).map((series) => ({ ...series, labels: { ...series.labels, [CELL_LABEL]: `${i}` } })),
  );
  await using server = await serve(all);
  for (const [i, one] of transformations.entries()) cells.push(...(await measure(server, one, world, `${i}`, made)));
}

const bad = cells.filter(({ result, allowed }) => result === "wrong" || (result === "unknown" && !allowed));
for (const { world, transformation, signal, result, why } of bad) {
  console.log(`${result.toUpperCase()}  ${world} · ${transformation} · ${signal}: ${why}`);
}
const count = (result: Cell["result"]): number => cells.filter((cell) => cell.result === result).length;
console.log(`${cells.length} cells: ${count("same")} same, ${count("unknown")} unknown, ${count("wrong")} wrong`);
for (const signal of SIGNALS) {
  console.log(`  ${signal}: ${cells.filter((cell) => cell.signal === signal).length}`);
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ cells }, null, 2)}\n`);
process.exitCode = bad.length === 0 ? 0 : 1;
