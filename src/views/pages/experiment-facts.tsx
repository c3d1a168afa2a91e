import type { FC } from "hono/jsx";
import { workloadName } from "../../core/model/cluster.ts";
import type { Choice, ExperimentPlan } from "../../core/model/experiment.ts";
import { type Observation, stepStartMs } from "../../core/model/series.ts";
import { policyText } from "../../core/text/event.ts";
import { counted, formatDuration } from "../../core/text/format.ts";
import { repeatText } from "../../core/text/subject.ts";
import type { ExperimentRecord } from "../data.ts";
import { Card, Empty } from "../parts.tsx";

type Row = readonly [name: string, value: string];

/** What was hit and how it came to be that one; of what happened by itself, only what was lost. */
export const FactsCard: FC<{ record: ExperimentRecord }> = ({ record: { state, observation } }) => {
  const { plan, choice } = state;
  const title = plan?.natural === undefined ? "Why this target" : "What was lost";
  const rows =
    choice === null ? [] : [...targetRows(choice, plan), ...planRows(choice, plan), ...observedRows(observation)];
  return (
    <Card title={title}>
      {rows.length === 0 ? (
        <Empty>No target was chosen.</Empty>
      ) : (
        <dl class="facts">
          {rows.map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          ))}
        </dl>
      )}
    </Card>
  );
};

function targetRows({ target, fault }: Choice, plan: ExperimentPlan | null): readonly Row[] {
  const { workload, node, zone, pods, services } = target;
  const wholeNode = plan?.natural === undefined ? fault.kind === "node-drain" : plan.natural.what === "node-lost";
  return [
    wholeNode ? ["node", plan?.natural?.nodes?.join(", ") ?? node ?? "not known"] : ["target", workloadName(workload)],
    ...(zone === null ? [] : ([["zone", zone]] as const)),
    ["pods", pods.map(({ name }) => name).join(", ") || "none"],
    ["services", services.join(", ") || "none"],
  ];
}

function planRows(choice: Choice, plan: ExperimentPlan | null): readonly Row[] {
  if (plan?.natural !== undefined) return [["seen", choice.drawn]];
  return [
    ["fault", plan?.sham ? `${choice.fault.kind}, pretended` : choice.fault.kind],
    ["eligible", `${counted(choice.eligible, "workload")}, ${counted(choice.ineligible, "other")} not`],
    ["drawn", choice.drawn],
    ...(choice.confirms === undefined ? [] : ([["made again", repeatText(choice.confirms)]] as const)),
    ...(plan === null
      ? []
      : ([
          ["policy", policyText(plan.policy)],
          ["moment", plan.manual ? "chosen by a person" : `drawn among ${counted(plan.candidates.count, "minute")}`],
          ["seed", String(plan.seed)],
        ] as const)),
  ];
}

const observedRows = (observation: Observation | null): readonly Row[] =>
  observation === null
    ? []
    : [
        [
          "observed",
          `${counted(observation.services.length, "service")}, ${observation.grid.steps} steps of ${formatDuration(observation.grid.stepMs)} from ${new Date(stepStartMs(observation.grid, 0)).toISOString()}`,
        ],
      ];
