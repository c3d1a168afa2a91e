import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../../test/support/requires.ts";
import { startRedis } from "../../test/support/servers/redis.ts";
import { readOptions } from "../lib/options.ts";
import { chaosToolkit } from "./chaos-toolkit.ts";
import { type Measured, measure } from "./measure.ts";
import { configuration, openPlace, type Place } from "./place.ts";
import { assemble, type Program } from "./program.ts";

const USAGE = `Measures what one \`aftershock run\` takes, by storage, beside Chaos Toolkit for the same kill.

  npm run bench:run -- [--only embedded|redis] [--namespace go-app] [--deployment go-app] [--refused] [--json FILE]

  --only        one storage
  --namespace   where a pod is killed (with KUBECONFIG and PROMETHEUS_URL; in the simulated cluster it is go-app)
  --deployment  whose pod is killed
  --refused     only the runs that a gate refuses: seconds instead of two minutes each

Without KUBECONFIG the cluster is the simulated one of the demo. Chaos Toolkit is left out where PyPI does not offer it. Needs Linux.`;

/** Limits of a run with the image's flags. */
const BUDGET = { cpu_s: 1.3, rss_mib: 150 };

/** Exit code of a run that a gate refused. */
const REFUSED = 4;

interface Row extends Omit<Measured, "output"> {
  readonly storage: string;
  readonly kind: "run" | "refused";
}

const program = async (): Promise<number> => {
  const values = readOptions(USAGE, {
    only: { text: undefined, words: ["embedded", "redis"] },
    namespace: { text: "go-app" },
    deployment: { text: "go-app" },
    refused: { flag: false },
    json: { text: undefined },
  });
  const folder = mkdtempSync(join(tmpdir(), "aftershock-run-"));
  try {
    const assembled = assemble(join(folder, "app"));
    await using place = await openPlace(folder, values.namespace);
    const rows: Row[] = [];
    for (const storage of ["embedded", "redis"] as const) {
      if (values.only !== undefined && values.only !== storage) continue;
      if (storage === "redis" && findProgram("redis-server") === null) {
        console.log("redis: left out, redis-server is not installed");
        continue;
      }
      rows.push(...(await runsOn(storage, assembled, place, folder, values)));
    }
    const other = values.refused
      ? "only refused runs were asked for"
      : await chaosToolkit(place, values.deployment, folder);
    const result = resultOf(place, rows, other);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
    return rows.every((row) => row.cpu_s <= BUDGET.cpu_s && row.rss_mib <= BUDGET.rss_mib) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Twice each: the first run makes what the second finds. The second counts. */
async function runsOn(
  storage: "embedded" | "redis",
  { node, args, env }: Program,
  place: Place,
  folder: string,
  { deployment, refused }: { readonly deployment: string; readonly refused: boolean },
): Promise<Row[]> {
  await using server = storage === "redis" ? await startRedis() : null;
  const url = server?.url ?? `embedded:${join(folder, "data")}`;
  const target = `${place.namespace}/${deployment}`;
  const one = async (kind: Row["kind"]): Promise<Row> => {
    const file = join(folder, `${storage}-${kind}.yaml`);
    writeFileSync(file, configuration(place, url, kind === "run" ? "inject" : "observe"));
    const kubeconfig = { KUBECONFIG: place.kubeconfig };
    const command = [...args, "run", "--policy", "pods", "--once", "--target", target, "--config", file];
    const { output, ...measured } = await measure(node, command, { ...env, ...kubeconfig });
    if (kind === "run" && measured.exit_code === REFUSED) throw new Error(`the run was refused:\n${output}`);
    return { storage, kind, ...measured };
  };
  await one("refused");
  const rows = [await one("refused"), ...(refused ? [] : [await one("run")])];
  for (const row of rows) print(`${row.storage}, ${row.kind}`, row);
  return rows;
}

function print(name: string, { cpu_s, rss_mib, wall_s, exit_code }: Omit<Measured, "output">): void {
  console.log(
    `${name.padEnd(20)} ${cpu_s.toFixed(2)} s of CPU, ${rss_mib} MiB, ${wall_s} s in all, exit code ${exit_code}`,
  );
}

function resultOf(place: Place, rows: readonly Row[], other: Measured | string) {
  const base = { place: place.name, budget: BUDGET, runs: rows };
  if (typeof other === "string") {
    console.log(`Chaos Toolkit: left out, ${other}`);
    return { ...base, chaos_toolkit: null, why: other, ratios: null };
  }
  const { output, ...measured } = other;
  print("Chaos Toolkit", measured);
  if (measured.exit_code !== 0) console.log(output.split("\n").slice(-8).join("\n"));
  const ratios = Object.fromEntries(
    rows
      .filter(({ kind }) => kind === "run")
      .map(({ storage, cpu_s, rss_mib }) => [storage, ratioTo(measured, cpu_s, rss_mib)]),
  );
  console.log(`ratios to Chaos Toolkit: ${JSON.stringify(ratios)}`);
  return { ...base, chaos_toolkit: measured, ratios };
}

const ratioTo = (other: Omit<Measured, "output">, cpu_s: number, rss_mib: number) => ({
  cpu: Number((cpu_s / other.cpu_s).toFixed(2)),
  rss: Number((rss_mib / other.rss_mib).toFixed(2)),
});

process.exitCode = await program();
