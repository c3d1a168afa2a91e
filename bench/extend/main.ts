import { writeFileSync } from "node:fs";
import { readOptions } from "../lib/options.ts";
import { randomOf } from "../lib/random.ts";
import { rateOf } from "../truth/summary.ts";
import { generateWorld, WORLDS, type WorldKind } from "../truth/world.ts";
import { type Course, courses, ENDS, KNOWLEDGE } from "./courses.ts";
import { type LateP, latePs } from "./late-p.ts";

const USAGE = `Measures what it brings to observe for longer while it is not settled whether damage stays, and what it costs, in generated worlds.

  npm run bench:extend -- [--seeds 1,2] [--services N] [--effects N] [--nulls WORLDS] [--json FILE]

  --seeds      seeds of the worlds (default 1)
  --services   services a world (default 40)
  --effects    injected effects a moment and kind of knowledge (default 4)
  --nulls      worlds in which the p of a later late window is measured when nothing happens, of ${WORLDS.join(", ")} (default ordinary)`;

const DAYS = 8;
const LEVELS = [0.05, 0.01];

const tally = (list: readonly Course[], of: (one: Course) => string): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(list, of)].map(([what, some]) => [what, some.length]));

function courseRow(knowledge: string, end: string, list: readonly Course[]) {
  const extended = list.filter((one) => one.minutes > 0);
  const recovered = extended.flatMap(({ recovery }) => (recovery === null || end === "never" ? [] : [recovery]));
  return {
    knowledge,
    end,
    experiments: list.length,
    at_planned_end: tally(list, (one) => one.planned),
    when_settled: tally(list, (one) => one.settled),
    extended: extended.length,
    minutes: tally(extended, (one) => String(one.minutes)),
    of_those: tally(extended, (one) => `${one.planned} → ${one.settled}`),
    recovery_covered: rateOf(recovered.filter((r) => r.low <= r.truth && r.truth <= r.high).length, recovered.length),
  };
}

function nullRow(world: string, signal: string, later: number, list: readonly LateP[]) {
  const below = (level: number, of: "own" | "planned") =>
    rateOf(list.filter((one) => one[of] <= level).length, list.length).rate;
  const at = (of: "own" | "planned") => Object.fromEntries(LEVELS.map((level) => [String(level), below(level, of)]));
  return { world, signal, later, n: list.length, own_null: at("own"), planned_null: at("planned") };
}

const words = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .toSorted((a, b) => b[1] - a[1])
    .map(([what, n]) => `${what} ${n}`)
    .join(", ") || "-";
const percents = (rates: Record<string, number>): string =>
  LEVELS.map((level) => `${(100 * rates[String(level)]!).toFixed(2)} %`).join(" / ");

function main(): number {
  const { json, ...values } = readOptions(USAGE, {
    seeds: { text: "1" },
    services: { number: 40, least: 1 },
    effects: { number: 4 },
    nulls: { text: "ordinary", words: WORLDS, list: true },
    json: { text: undefined },
  });
  const seeds = values.seeds.split(",").map(Number);
  if (seeds.some((seed) => !Number.isInteger(seed))) {
    console.error(`--seeds expects whole numbers with commas between, not "${values.seeds}"\n\n${USAGE}`);
    return 64;
  }
  const worldOf = (kind: WorldKind, seed: number) => generateWorld(kind, values.services, DAYS, seed);

  const all = seeds.flatMap((seed) => courses(worldOf("ordinary", seed), values.effects, randomOf(seed ^ 0xe47e9d)));
  const rows = KNOWLEDGE.flatMap((knowledge) =>
    ENDS.map((end) =>
      courseRow(
        knowledge,
        end,
        all.filter((one) => one.knowledge === knowledge && one.end === end),
      ),
    ),
  );
  console.log("\n== Verdicts at the planned end and when settled; damage ends … ==");
  for (const row of rows) {
    console.log(`${row.knowledge.padEnd(12)}${row.end.padEnd(26)}${row.experiments}`);
    console.log(`${"".padEnd(14)}at the planned end: ${words(row.at_planned_end)}`);
    console.log(`${"".padEnd(14)}when settled:       ${words(row.when_settled)}`);
    console.log(`${"".padEnd(14)}extended ${row.extended} (by minutes: ${words(row.minutes)}): ${words(row.of_those)}`);
  }

  const byWorld = (values.nulls.split(",") as WorldKind[]).map(
    (kind) => [kind, seeds.flatMap((seed) => latePs(worldOf(kind, seed)))] as const,
  );
  const pooled = byWorld.length > 1 ? [["all worlds", byWorld.flatMap(([, ps]) => ps)] as const] : [];
  const nulls = [...byWorld, ...pooled].flatMap(([world, ps]) => {
    const groups = Map.groupBy(ps, (one) => `${one.signal} ${one.later}`);
    return [...groups.values()].map((list) => nullRow(world, list[0]!.signal, list[0]!.later, list));
  });
  console.log(
    "\n== p of a later late window when nothing happens: at or below 5 % / 1 %, against its own null and the planned one's ==",
  );
  for (const { world, signal, later, n, own_null, planned_null } of nulls) {
    const where = `${world} ${signal} +${later} min`.padEnd(36);
    console.log(`${where}${percents(own_null).padEnd(20)}${percents(planned_null).padEnd(20)}of ${n}`);
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ ...values, seeds, rows, nulls }, null, 1)}\n`);
  return 0;
}

process.exitCode = main();
