import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { World } from "./world.ts";

/** A mistake that the reader could have, and the cells that must notice it. */
interface Break {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly world: World;
  readonly only: string;
}

const READ = "src/adapters/prometheus/read";
const BREAKS: readonly Break[] = [
  {
    name: "births count nothing",
    file: `${READ}/tally.ts`,
    from: "if (seenBefore(birth) || isNew(birth, proofs.get(birth.target)))",
    to: "if (birth.value < 0)",
    world: "burst",
    only: "plain",
  },
  {
    name: "every scrape is a proxy of its own",
    file: `${READ}/copies.ts`,
    from: "if (pod !== null) return pod;",
    to: "if (pod !== null) return Math.random();",
    world: "nothing fails",
    only: "replica labels",
  },
  {
    name: "a host is not known to be a pod's",
    file: `${READ}/copies.ts`,
    from: "pods?.size === 1 ?",
    to: "pods?.size === 0 ?",
    world: "nothing fails",
    only: "other port",
  },
  {
    name: "sums stay beside raw counters",
    file: `${READ}/copies.ts`,
    from: "if (raw !== undefined) {",
    to: "if (raw === null) {",
    world: "nothing fails",
    only: "federated sums",
  },
  {
    name: "sums are taken for proxies",
    file: `${READ}/increments.ts`,
    from: "fell && (holder.isSum ||",
    to: "fell && (false &&",
    world: "nothing fails",
    only: "summed over pods",
  },
  {
    name: "a counter that was away is only a gap",
    file: `${READ}/increments.ts`,
    from: "fell || wasAway ? values[j]!",
    to: "fell ? values[j]!",
    world: "burst",
    only: "rotated",
  },
  {
    name: "incomplete answers are read",
    file: "src/adapters/prometheus/client/session.ts",
    from: "if (lost !== null)",
    to: "if (lost === undefined)",
    world: "lasting failures",
    only: "partial answers",
  },
  {
    name: "the configured cluster is not asked for",
    file: "src/adapters/prometheus/client/session.ts",
    from: "matcherTexts(matchers)",
    to: 'matcherTexts({ bench_cell: matchers.bench_cell ?? "" })',
    world: "nothing fails",
    only: "one chosen",
  },
  {
    name: "several clusters are one mesh",
    file: `${READ}/unread.ts`,
    from: "if (seen.size < 2) continue;",
    to: "if (seen.size < 99) continue;",
    world: "nothing fails",
    only: "another cluster's copy",
  },
  {
    name: "missing labels are not noticed",
    file: `${READ}/unread.ts`,
    from: "if (http.length > 0)",
    to: "if (http.length > 99)",
    world: "lasting failures",
    only: "without response_code",
  },
  {
    name: "a waypoint is believed before clients",
    file: "src/adapters/prometheus/signals/reporter.ts",
    from: 'if (!isShort(source, Math.max(waypoint, destination))) return "source";',
    to: 'if (waypoint > 0) return "waypoint";',
    world: "retried",
    only: "a waypoint beside",
  },
  {
    name: "a query that is too large is not cut",
    file: `${READ}/cut.ts`,
    from: "if (toMs - fromMs < 2 * SHORTEST_RAW_MS)",
    to: "if (toMs > 0)",
    world: "nothing fails",
    only: "too large",
  },
];

/**
 * Makes each mistake in a copy of the sources and runs the cells that must notice it; names those
 * that not noticed.
 */
export function tryBreaks(): { readonly tried: number; readonly unnoticed: readonly string[] } {
  const unnoticed = BREAKS.filter((one) => !isNoticed(one)).map(({ name }) => name);
  return { tried: BREAKS.length, unnoticed };
}

function isNoticed({ name, file, from, to, world, only }: Break): boolean {
  const root = resolve(import.meta.dirname, "../..");
  const copy = mkdtempSync(join(tmpdir(), "aftershock-break-"));
  try {
    for (const part of ["src", "bench", "test", "rules", "package.json"]) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const text = readFileSync(join(copy, file), "utf8");
    if (!text.includes(from)) throw new Error(`the break "${name}" does not fit ${file} any more`);
    writeFileSync(
      join(copy, file),
      text.replace(from, () => to),
    );
    const args = [join(copy, "bench/readings/main.ts"), "--world", world, "--only", only];
    const { status } = spawnSync(process.execPath, args, { cwd: copy, stdio: "ignore" });
    console.log(`${status === 1 ? "noticed" : "NOT NOTICED"}  ${name}`);
    return status === 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
