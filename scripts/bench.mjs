/**
 * `npm run bench`: every benchmark of bench/ that needs nothing from outside and little time, one
 * after the other; with `-- --data DIR` also the one that judges recorded telemetry. A single one:
 * `npm run bench:detect -- --data DIR`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib/paths.mjs";

const BENCH = join(ROOT, "bench");
/** Benchmarks that read a folder of recordings, named by `--data`. */
const NEED_DATA = ["detect"];
/** Benchmarks that last most of an hour. */
const LONG = ["soak"];
/** Benchmarks that measure a worker on the cluster of KUBECONFIG. */
const NEED_CLUSTER = ["cluster"];

const given = process.argv.slice(2);
const names = readdirSync(BENCH).filter((name) => existsSync(join(BENCH, name, "main.ts")));
for (const name of names.sort()) {
  if (LONG.includes(name)) {
    process.stdout.write(`\n── ${name}: left out, it lasts most of an hour (npm run bench:${name})\n`);
    continue;
  }
  if (NEED_CLUSTER.includes(name) && process.env.KUBECONFIG === undefined) {
    process.stdout.write(
      `\n── ${name}: left out, it needs a cluster (KUBECONFIG, see npm run bench:${name} -- --help)\n`,
    );
    continue;
  }
  if (NEED_DATA.includes(name) && !given.includes("--data")) {
    process.stdout.write(`\n── ${name}: left out, it needs -- --data DIR (see bench/${name})\n`);
    continue;
  }
  process.stdout.write(`\n── ${name}\n`);
  const args = NEED_DATA.includes(name) ? given : [];
  const { status } = spawnSync(process.execPath, [join(BENCH, name, "main.ts"), ...args], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
