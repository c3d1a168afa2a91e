import { workloadKey } from "../model/cluster.ts";
import type { Finding } from "../model/finding.ts";
import { type CelContext, celContext } from "./cel.ts";
import type { DiagnosisFacts, WorkloadSubject } from "./facts.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { applyRule, type DiagnosisRule } from "./rule.ts";

/**
 * Findings of one experiment, each weakness of a workload once, in the order of the rules. Nothing
 * is found in a sham: nothing was broken, so nothing that got worse tells how the design takes a
 * fault. Status is `new`; `settle` knows history.
 */
export function diagnose(facts: DiagnosisFacts, rules: readonly DiagnosisRule[]): readonly Finding[] {
  if (facts.experiment.sham) return [];
  const subjects = subjectsOf(facts);
  const findings = rules.flatMap((rule) =>
    subjects
      .filter(({ scope }) => scope === rule.scope)
      .flatMap(({ context, about, provokedBy }) => {
        const text = applyRule(rule, context);
        const whom = about[rule.subject];
        if (text === null || whom === undefined) return [];
        return [{ ...text, ...identity(rule.name, whom), ...(provokedBy === null ? {} : { provokedBy }) }];
      }),
  );
  return onePerFingerprint(findings);
}

/**
 * Fingerprints of open findings, whether or not they showed this time (`standsWhile` of their
 * rule).
 */
export function standing(facts: DiagnosisFacts, rules: readonly DiagnosisRule[]): ReadonlySet<string> {
  const subjects = subjectsOf(facts);
  return new Set(
    rules.flatMap((rule) =>
      subjects
        .filter(({ scope, context }) => scope === rule.scope && rule.standsWhile?.(context) === true)
        .flatMap(({ about }) => about[rule.subject] ?? [])
        .map(({ ref }) => fingerprintOf(rule.name, ref)),
    ),
  );
}

interface RuleSubject {
  readonly scope: "pair" | "workload";
  readonly context: CelContext;
  readonly about: Partial<Record<"dependant" | "dependency" | "workload", WorkloadSubject>>;
  /** Key of the workload whose loss brought it to light. */
  readonly provokedBy: string | null;
}

function subjectsOf({ experiment, workloads, pairs }: DiagnosisFacts): RuleSubject[] {
  return [
    ...pairs.map(
      ({ dependant, dependency, edge }): RuleSubject => ({
        scope: "pair",
        context: celContext({
          scope: "pair",
          dependant: dependant.facts,
          dependency: dependency.facts,
          edge,
          experiment,
        }),
        about: { dependant, dependency },
        provokedBy: dependency.facts.hit ? workloadKey(dependency.ref) : null,
      }),
    ),
    ...workloads.map(
      (workload): RuleSubject => ({
        scope: "workload",
        context: celContext({ scope: "workload", workload: workload.facts, experiment }),
        about: { workload },
        provokedBy: workload.facts.hit ? workloadKey(workload.ref) : null,
      }),
    ),
  ];
}

const identity = (weakness: string, subject: WorkloadSubject) => ({
  weakness,
  workload: subject.ref,
  service: subject.service,
  fingerprint: fingerprintOf(weakness, subject.ref),
  status: "new" as const,
});

/**
 * A workload with the same weakness towards two dependencies is one finding with the evidence of
 * both.
 */
function onePerFingerprint(findings: readonly Finding[]): Finding[] {
  const byFingerprint = new Map<string, Finding>();
  for (const finding of findings) {
    const known = byFingerprint.get(finding.fingerprint);
    const evidence = known ? [...new Set([...known.evidence, ...finding.evidence])] : finding.evidence;
    byFingerprint.set(finding.fingerprint, { ...(known ?? finding), evidence });
  }
  return [...byFingerprint.values()];
}
