import { deriveFacts } from "../../src/core/diagnose/derive.ts";
import { diagnose } from "../../src/core/diagnose/diagnose.ts";
import { replay } from "../../src/core/experiment/life.ts";
import type { ExperimentEvent, ExperimentState } from "../../src/core/model/experiment.ts";
import type { Finding } from "../../src/core/model/finding.ts";
import type { Judgement } from "../../src/core/model/verdict.ts";
import type { NoticeInput } from "../../src/core/report/notices.ts";
import { NOBODY } from "../../src/core/text/notice.ts";
import { experimentPlan, T0 } from "./experiments.ts";
import { shippedRules } from "./rules.ts";
import { databaseLost, judgement, STORY_VERDICTS } from "./story.ts";

export const STORY_FINDINGS: readonly Finding[] = diagnose(deriveFacts(databaseLost()), shippedRules());

/** An experiment on the database that has been judged and diagnosed. */
export function judgedExperiment(
  judged: Judgement = judgement(STORY_VERDICTS),
  findings: readonly Finding[] = STORY_FINDINGS,
  then: readonly ExperimentEvent[] = [],
  plan = experimentPlan(),
): ExperimentState {
  const { target, fault } = databaseLost().choice;
  const begin: readonly ExperimentEvent[] = plan.sham
    ? [{ kind: "pretended", t0Ms: T0 }]
    : [
        { kind: "intended", t0Ms: T0 },
        { kind: "injected", t0Ms: T0 },
      ];
  return replay([
    { kind: "planned", plan },
    { kind: "chosen", choice: { target, fault, eligible: 3, ineligible: 1, drawn: "go-app/go-app-db" } },
    ...begin,
    { kind: "cleared", clearMs: T0 + 60_000, how: plan.sham ? "drawn" : "replaced" },
    { kind: "judged", judgement: judged, provisional: false },
    { kind: "diagnosed", findings },
    ...then,
  ]);
}

export const noticeInput = (changes: Partial<NoticeInput> = {}): NoticeInput => ({
  id: "go-app-pods-20260306T091500Z",
  state: judgedExperiment(),
  cluster: "prod-eu",
  previous: null,
  link: "http://aftershock.example/experiments/go-app-pods-20260306T091500Z",
  timezone: "Europe/Berlin",
  audience: NOBODY,
  ...changes,
});
