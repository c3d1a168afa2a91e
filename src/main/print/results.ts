import { workloadName } from "../../core/model/cluster.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { outcomeOf } from "../../core/model/outcome.ts";
import type { SignalVerdict } from "../../core/model/verdict.ts";
import { outcomeText } from "../../core/text/outcome.ts";

/** One experiment in the shape that `run --json` and `demo --json` print. */
export function experimentResult(state: ExperimentState) {
  return {
    id: state.plan?.id ?? null,
    phase: state.phase,
    target: state.choice === null ? null : workloadName(state.choice.target.workload),
    pods: state.choice?.target.pods ?? [],
    fault: state.choice?.fault.kind ?? null,
    sham: state.plan?.sham ?? false,
    seed: state.plan?.seed ?? null,
    refusal: state.refusal,
    t0: isoOrNull(state.t0Ms),
    clear: isoOrNull(state.clearMs),
    extended:
      state.extension === null || state.extension.over
        ? null
        : { until: isoOrNull(state.extension.toMs), why: state.extension.why },
    outcome: outcomeOf(state),
    says: outcomeText(state),
    headline: state.judgement?.headline ?? null,
    origin: state.judgement?.origin ?? null,
    learning: state.judgement?.learning ?? null,
    verdicts: (state.judgement?.verdicts ?? []).map(verdictResult),
    findings: state.findings.map((finding) => ({
      weakness: finding.weakness,
      workload: workloadName(finding.workload),
      service: finding.service,
      title: finding.title,
      evidence: finding.evidence,
      advice: finding.advice,
      fingerprint: finding.fingerprint,
      status: finding.status,
    })),
    recovered: isoOrNull(state.recoveredMs),
    recoveredAfterMs: state.recoveredAfterMs,
    cure: state.cure,
    sourceRequests: state.judgement?.sourceRequests ?? null,
  };
}

function verdictResult(v: SignalVerdict) {
  return {
    service: v.service,
    signal: v.signal,
    verdict: v.verdict.kind,
    why: v.verdict.kind === "inconclusive" ? { reason: v.verdict.why, detail: v.verdict.detail } : null,
    recoveredAfterMs: "recoveredAfterMs" in v.verdict ? v.verdict.recoveredAfterMs : null,
    z: v.z,
    p: v.p,
    effect: v.effect,
    onset: v.onsetMs,
    minimumDetectable: v.minimumDetectable,
    learning: v.learning,
    starved: v.starved,
    requests: v.requests,
  };
}

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
