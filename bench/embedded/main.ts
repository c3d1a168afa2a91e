import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readOptions } from "../lib/options.ts";
import { randomOf } from "../lib/random.ts";
import { commitTimes } from "./commits.ts";
import { countLost, killWriters, letWrite, type Tally } from "./writers.ts";

const USAGE = `Attacks the embedded store: how long commits take, what \`kill -9\` in the middle of commits loses, and what two processes say to each other.

  npm run bench:embedded -- [--experiments 5000] [--kills 100] [--minutes 1] [--seed 1] [--folder DIR] [--json FILE]

  --experiments  experiments of eight appends each, whose commits are timed
  --kills        kills, on two writers that share the store
  --minutes      two writers at once, undisturbed: no error may reach them
  --folder       where the store lies (default: the temporary folder); a disk, not a memory file system, if fsync is to count`;

const WRITERS = 2;
const BUDGET_P99_MS = 10;

const values = readOptions(USAGE, {
  experiments: { number: 5_000, least: 1 },
  kills: { number: 100 },
  minutes: { number: 1 },
  seed: { number: 1 },
  folder: { text: tmpdir() },
  json: { text: undefined },
});
const emptyTally = (): Tally => ({ kills: 0, acknowledged: 0, lost: 0, errors: [], streams: new Map() });
const names = Array.from({ length: WRITERS }, (_, i) => `writer-${i}`);
const folder = mkdtempSync(join(values.folder, "aftershock-embedded-"));

const told = ({ streams, ...numbers }: Tally) => ({ ...numbers, streams: streams.size });

/** Empty when the file is sound. */
function problemsOf(file: string): string {
  const database = new DatabaseSync(file);
  const { integrity_check } = database.prepare("PRAGMA integrity_check").get() as { integrity_check: string };
  database.close();
  return integrity_check === "ok" ? "" : integrity_check;
}

try {
  const commits = await commitTimes(join(folder, "commits"), values.experiments);
  console.log(`commits: ${JSON.stringify(commits)}`);

  const killed = emptyTally();
  const random = randomOf(values.seed);
  const shared = join(folder, "killed");
  await Promise.all(names.map((name) => killWriters(shared, name, Math.ceil(values.kills / WRITERS), killed, random)));
  await countLost(shared, killed);
  const damage = values.kills === 0 ? "" : problemsOf(join(shared, "aftershock.db"));
  console.log(`kills: ${JSON.stringify({ ...told(killed), damage })}`);

  const together = emptyTally();
  const beside = join(folder, "together");
  if (values.minutes > 0)
    await Promise.all(names.map((name) => letWrite(beside, name, values.minutes * 60_000, together)));
  console.log(`two processes: ${JSON.stringify(told(together))}`);

  const result = {
    commits,
    kills: { ...told(killed), damage },
    together: { minutes: values.minutes, ...told(together) },
  };
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
  const sound = killed.lost === 0 && damage === "" && [killed, together].every(({ errors }) => errors.length === 0);
  process.exitCode = sound && commits.ms.p99 < BUDGET_P99_MS ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
