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
    from: "if (seenBefore(birth) || isNew(birth, proofs.get(birth.target))) {",
    to: "if (birth.value < 0) {",
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
    from: "fell && (holder.isSum || (",
    to: "fell && (false && (",
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
  {
    name: "a query is never cut by services",
    file: `${READ}/cut.ts`,
    from: "const names = [...new Set(rows",
    to: "throw cause;\n    const names = [...new Set(rows",
    world: "nothing fails",
    only: "all services at once",
  },
  {
    name: "latency of all callers is read from the same proxies",
    file: `${READ}/latency.ts`,
    from: "wanted.callers.get(callerOf(labels, this.signals))",
    to: "wanted.reporter",
    world: "slow",
    only: "one caller's proxies",
  },
  {
    name: "histograms of some pods are taken for those of all",
    file: `${READ}/distribution.ts`,
    from: "all > 0 && isShort(all, requests)",
    to: "all < 0 && isShort(all, requests)",
    world: "slow",
    only: "native histograms of some pods",
  },
  {
    name: "native histograms without a code are read",
    file: "rules/signals/istio.yaml",
    from: 'or istio_request_duration_milliseconds{reporter=~"$reporters",$unlabelled}',
    to: 'or istio_request_duration_milliseconds{reporter=~"$reporters",response_code="none"}',
    world: "lasting failures",
    only: "native histograms without",
  },
  {
    name: "only listed labels tell replicas apart",
    file: `${READ}/replicas.ts`,
    from: "if (large.length < 2) return [];",
    to: "if (large.length < 2e9) return [];",
    world: "nothing fails",
    only: "that nobody listed",
  },
  {
    name: "a beginning that nobody saw was calm",
    file: "src/core/judge/verdict/why-not.ts",
    from: "if (missing === 0) return null;",
    to: "if (missing < 99) return null;",
    world: "burst",
    only: "away when it begins",
  },
  {
    name: "pods with other buckets are summed",
    file: `${READ}/latency.ts`,
    from: "if (mixed[i] === 1) return;",
    to: "if (mixed[i] === 2) return;",
    world: "nothing fails",
    only: "other buckets",
  },
  {
    name: "a limit of a tenant is taken for another tenant",
    file: "src/adapters/prometheus/client/errors.ts",
    from: "if (!refusal.html && isTooLarge(refusal))",
    to: "if (!refusal.html && !/tenant/.test(said) && isTooLarge(refusal))",
    world: "nothing fails",
    only: "in Mimir's words",
  },
  {
    name: "copies of some pods are added up on the server",
    file: `${READ}/leave-out.ts`,
    from: "if (mixed.length === 0)",
    to: "if (mixed.length >= 0)",
    world: "nothing fails",
    only: "second job for some",
  },
  {
    name: "a caller that went away is a failure",
    file: "rules/signals/istio.yaml",
    from: "exceptFlags: [DC, DR]",
    to: "exceptFlags: [DR]",
    world: "nothing fails",
    only: "go away",
  },
  {
    name: "an HTTP 200 behind gRPC is a success",
    file: "rules/signals/istio.yaml",
    from: '{ label: grpc_response_status, matches: "2|4|13|14|15" }',
    to: '{ label: grpc_response_status, matches: "2|4|13|15" }',
    world: "lasting failures",
    only: "gRPC",
  },
];

/**
 * Makes each mistake in a copy of the sources and runs the cells that must notice it; names those
 * that no cell noticed.
 */
export function tryBreaks(only: string): { readonly tried: number; readonly unnoticed: readonly string[] } {
  const tried = BREAKS.filter(({ name }) => name.includes(only));
  const unnoticed = tried.filter((one) => !isNoticed(one)).map(({ name }) => name);
  return { tried: tried.length, unnoticed };
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
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8" });
    // A bench that crashes has noticed nothing.
    const isNoticed = status === 1 && /^(WRONG|UNKNOWN) /m.test(stdout);
    console.log(`${isNoticed ? "noticed" : "NOT NOTICED"}  ${name}`);
    return isNoticed;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
