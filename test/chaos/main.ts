import { writeFileSync } from "node:fs";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { bundleWorker, type WorkerBundle } from "./bundle.ts";
import { fight } from "./campaign.ts";
import { parseMishap } from "./fate.ts";
import { Arena } from "./harness.ts";
import { emptyTally as noLives } from "./model/campaign.ts";
import { type BreaksTried, playAgain as playLifeAgain, playLives, tryBreaks } from "./model/play.ts";
import { BACKENDS, whyMissing } from "./stores.ts";
import { BROKEN, COUNTS, emptyTally, type Tally } from "./tally.ts";
import { TRIALS } from "./trials.ts";

const USAGE = `Disturbs experiments in every way, and checks what is promised: thousands of simulated lives whose whole history is checked,
the same lives with the program broken on purpose, and real workers killed at every point on every storage that this machine has.

  npm run test:chaos -- [--json FILE] [--only model|breaks|redis|postgres|embedded] [--every N] [--fault FAULT]

  --every N    only every Nth point and trouble
  --life NAME  one simulated life, with its history
  --fault      one of ${TRIALS.map(({ name }) => name).join(", ")}

Exits 1 when a promise was broken, and prints what plays that one life again:
  --only STORAGE --fault FAULT --point N [--seed S] [--trouble WHERE:WHAT[:AT]] [--jump MS] [--replicas N] [--again N]`;

const OPTIONS = {
  options: {
    help: { type: "boolean" as const, default: false },
    json: { type: "string" as const },
    every: { type: "string" as const, default: "1" },
    only: { type: "string" as const },
    life: { type: "string" as const },
    fault: { type: "string" as const },
    point: { type: "string" as const },
    seed: { type: "string" as const },
    trouble: { type: "string" as const },
    jump: { type: "string" as const },
    replicas: { type: "string" as const },
    again: { type: "string" as const, multiple: true, default: [] as string[] },
  },
} satisfies ParseArgsConfig;

function readArguments() {
  try {
    const { values: given } = parseArgs(OPTIONS);
    if (!given.help) return given;
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n\n${USAGE}\n`);
    process.exit(64);
  }
}

const values = readArguments();

/** Cut off, it still stops the servers that it started. */
const stopping = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stopping.abort(new Error(name)));

const tallies: Record<string, Tally> = {};
const model = noLives();
const breaks: BreaksTried = { breaks_tried: 0, breaks_noticed: 0, not_noticed: [] };
const beganMs = performance.now();

/** What is known so far, also in the file: a run that is cut off has its numbers. */
function summarize(complete: boolean): string {
  const all = Object.values(tallies);
  const { violations } = model;
  const found: Partial<Record<(typeof COUNTS)[number], number>> = {
    kill_points: model.kill_points,
    troubles: model.troubles,
    double_injections: violations["called-twice"] ?? 0,
    lost_experiments: violations.lost ?? 0,
    left_behind: violations["left-behind"] ?? 0,
    unresolved: violations.unresolved ?? 0,
  };
  const totals = Object.fromEntries(
    COUNTS.map((key) => [key, all.reduce((sum, tally) => sum + tally[key], found[key] ?? 0)]),
  );
  const { not_noticed: _names, ...tried } = breaks;
  const summary = {
    ...totals,
    lives: model.lives,
    violations,
    ...tried,
    complete,
    seconds: Math.round((performance.now() - beganMs) / 1000),
  };
  if (values.json !== undefined) {
    writeFileSync(
      values.json,
      `${JSON.stringify({ ...summary, not_noticed: breaks.not_noticed, model, backends: tallies }, null, 2)}\n`,
    );
  }
  return JSON.stringify(summary);
}

async function campaignOn(name: string, bundle: WorkerBundle): Promise<void> {
  const backend = BACKENDS[name];
  const missing = backend === undefined ? "there is no such storage" : whyMissing(backend);
  if (backend === undefined || missing !== null) {
    process.stdout.write(`${name}: skipped, ${missing}\n`);
    return;
  }
  const tally = emptyTally();
  tallies[name] = tally;
  const progress = (fault: string): void => {
    summarize(false);
    process.stdout.write(`${name}, ${fault}: ${COUNTS.map((key) => `${key} ${tally[key]}`).join(", ")}\n`);
  };
  await using store = await backend.open();
  if (values.point === undefined) {
    const every = Number(values.every);
    const faults = values.fault === undefined ? {} : { faults: [values.fault] };
    await fight(bundle, store, tally, { ...faults, every, troubleEvery: every, progress }, stopping.signal);
  } else {
    await using arena = await Arena.open(bundle, store, tally, stopping.signal);
    await playAgain(arena);
    progress(values.fault ?? "");
  }
  for (const { broken, what, experiment, point, replay, journal } of tally.problems) {
    process.stdout.write(`${broken}: ${experiment}, ${point ?? "not killed"}: ${what}\n  again: ${replay}\n`);
    for (const entry of journal) process.stdout.write(`    ${JSON.stringify(entry)}\n`);
  }
}

/** One life, then whoever goes on with it. */
async function playAgain(arena: Arena): Promise<void> {
  const trial = TRIALS.find(({ name }) => name === values.fault);
  if (trial === undefined) throw new RangeError(`--fault is one of ${TRIALS.map(({ name }) => name).join(", ")}`);
  const fate = {
    killAt: Number(values.point) || null,
    ...(values.trouble === undefined ? {} : { mishap: parseMishap(values.trouble) }),
    ...(values.jump === undefined ? {} : { jumpMs: Number(values.jump) }),
  };
  if (values.replicas !== undefined) return arena.contest(trial, { ...fate, replicas: Number(values.replicas) });
  await arena.live(trial, fate, values.seed === undefined ? undefined : Number(values.seed));
  for (const at of values.again) await arena.live(null, { killAt: Number(at), fromStart: true });
  await arena.live(null, { killAt: null });
}

const say = (line: string): void => {
  summarize(false);
  process.stdout.write(`${line}\n`);
};
const every = Number(values.every);
const wants = (part: string): boolean => values.only === undefined || values.only === part;
if (values.life !== undefined) {
  const { problems } = await playLifeAgain(values.life, (line) => process.stdout.write(`${line}\n`));
  process.exit(problems.length > 0 ? 1 : 0);
}
if (wants("model")) await playLives(model, every, say, stopping.signal);
if (wants("breaks")) await tryBreaks(breaks, say, stopping.signal);

const wanted = Object.keys(BACKENDS).filter(wants);
using bundle = await bundleWorker();
const ends = await Promise.allSettled(wanted.map((name) => campaignOn(name, bundle)));
const failures = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
for (const why of failures) process.stderr.write(`${String(why)}\n`);
process.stdout.write(`${summarize(failures.length === 0)}\n`);
process.exitCode =
  failures.length > 0 ||
  model.problems.length + breaks.not_noticed.length > 0 ||
  BROKEN.some((key) => Object.values(tallies).some((tally) => tally[key] > 0))
    ? 1
    : 0;
