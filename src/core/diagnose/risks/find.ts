import { type CallEdge, type ClusterSnapshot, type Workload, workloadKey } from "../../model/cluster.ts";
import type { FindingStatus } from "../../model/finding.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { Risk, RiskState, RiskTest, SettledRisk } from "../../model/risk.ts";
import { fingerprintOf } from "../fingerprint.ts";
import { type KnownLimits, manifestFacts } from "./derive.ts";
import { applyRiskRule, manifestContext, type RiskRule } from "./rule.ts";

/**
 * Every risk of the workloads of `snapshot`, in the order of the rules, then by name. Without
 * `limits` nothing is known of the mesh's routes.
 */
export function findRisks(
  rules: readonly RiskRule[],
  snapshot: ClusterSnapshot,
  edges: readonly CallEdge[],
  limits: KnownLimits = new Map(),
): readonly Risk[] {
  const workloads = manifestFacts(snapshot, edges, limits)
    .filter(({ workload }) => !ENDS.includes(workload.kind))
    .toSorted((a, b) => (nameOf(a.workload) < nameOf(b.workload) ? -1 : 1))
    .map(({ workload, facts }) => ({ workload, context: manifestContext(facts) }));
  return rules.flatMap((rule) =>
    workloads.flatMap(({ workload, context }): Risk[] => {
      const text = applyRiskRule(rule, context);
      if (text === null) return [];
      const { kind, namespace, name, services } = workload;
      return [
        {
          ...text,
          risk: rule.name,
          workload: { kind, namespace, name },
          service: services[0] ?? null,
          testedBy: rule.testedBy,
          testedOn: text.testedOn ?? [nameOf(workload), ...services],
          confirmedBy: rule.confirmedBy,
          worseConfirms: rule.worseConfirms,
          ...(rule.ownEffect ? { judgedOn: services } : {}),
          fingerprint: fingerprintOf(rule.name, workload),
        },
      ];
    }),
  );
}

/** What runs to its end is not there to serve anybody. */
const ENDS: readonly string[] = ["Job", "CronJob"];
const nameOf = ({ namespace, name }: Pick<Workload, "namespace" | "name">): string => `${namespace}/${name}`;

/** An open or fixed finding, as far as it may confirm a risk. */
export interface FindingSeen {
  readonly weakness: string;
  /** Key of the workload. */
  readonly workload: string;
  readonly status: FindingStatus;
}

/** Each risk with what experiments say of it. `tests` may be in any order. */
export function settleRisks(
  risks: readonly Risk[],
  tests: readonly RiskTest[],
  findings: readonly FindingSeen[],
): readonly SettledRisk[] {
  const told = byName(tests.filter(({ outcome }) => outcome !== null && outcome !== "unknown"));
  return risks.map((risk) => {
    const newest = risk.testedOn
      .flatMap((name) => told.get(name) ?? [])
      .filter((test) => isTested(risk, test) && outcomeFor(risk, test) !== null)
      .reduce<RiskTest | null>((last, one) => (last === null || one.atMs > last.atMs ? one : last), null);
    const test = newest === null ? null : { id: newest.id, atMs: newest.atMs };
    return { ...risk, state: stateOf(risk, newest, findings), test };
  });
}

type Named = Pick<RiskTest, "workload" | "services">;

/** Tests by each name that a risk may know them by: years of them are looked through for a page. */
function byName<T extends Named>(tests: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const named = new Map<string, T[]>();
  for (const test of tests)
    for (const name of new Set([...(test.workload === null ? [] : [test.workload]), ...test.services])) {
      const known = named.get(name);
      if (known === undefined) named.set(name, [test]);
      else known.push(test);
    }
  return named;
}

/** Whether what happened to a workload tests the risk. */
export const isTested = (
  { testedBy, testedOn }: Pick<Risk, "testedBy" | "testedOn">,
  { fault, workload, services }: Pick<RiskTest, "fault" | "workload" | "services">,
): boolean =>
  fault !== null && testedBy.includes(fault) && testedOn.some((name) => name === workload || services.includes(name));

function stateOf(risk: Risk, newest: RiskTest | null, findings: readonly FindingSeen[]): RiskState {
  if (newest === null) return "untested";
  const shown = findings.some(
    ({ weakness, workload, status }) =>
      status !== "fixed" && workload === workloadKey(risk.workload) && risk.confirmedBy.includes(weakness),
  );
  if (shown) return "confirmed";
  if (outcomeFor(risk, newest) === "unaffected") return "refuted";
  return risk.worseConfirms ? "confirmed" : "unclear";
}

/**
 * What a test says of a risk: its outcome, or the worst of the services that count; null: nothing.
 */
function outcomeFor({ judgedOn }: Risk, { outcome, effects = [] }: RiskTest): Outcome | null {
  if (judgedOn === undefined) return outcome;
  const own = effects.flatMap((one) => (judgedOn.includes(one.service) ? [one.outcome] : []));
  return OUTCOMES.find((one) => own.includes(one)) ?? null;
}

/** What counts of several services, the worst first; unknown is nothing that counts. */
const OUTCOMES: readonly Outcome[] = ["not recovered", "recovered", "unaffected"];

/**
 * Keys of workloads that have a risk which nothing in `tests` has tested, whatever came of it: for
 * the choice of a target.
 */
export function workloadsAtRisk(
  risks: readonly Risk[],
  tests: readonly Pick<RiskTest, "fault" | "workload" | "services">[],
): ReadonlySet<string> {
  const known = byName(tests);
  const wasTested = (risk: Risk, name: string) => known.get(name)?.some((test) => isTested(risk, test)) ?? false;
  const untested = risks.filter((risk) => !risk.testedOn.some((name) => wasTested(risk, name)));
  return new Set(untested.map(({ workload }) => workloadKey(workload)));
}
