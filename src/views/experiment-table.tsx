import type { FC } from "hono/jsx";
import type { ExperimentState } from "../core/model/experiment.ts";
import { outcomeOf } from "../core/model/outcome.ts";
import { pathOf } from "./data.ts";
import { inOneLine, momentOf, stateWord } from "./experiment-words.ts";
import { Empty, Moment, OutcomePill, PlainPill } from "./parts.tsx";

/** A list of experiments, newest first, as given. */
export const ExperimentTable: FC<{ states: readonly ExperimentState[]; timezone: string }> = ({ states, timezone }) =>
  states.length === 0 ? (
    <Empty>None yet.</Empty>
  ) : (
    <table class="fold">
      <thead>
        <tr>
          <th>When</th>
          <th>Target</th>
          <th>Outcome</th>
          <th>What happened</th>
        </tr>
      </thead>
      <tbody>
        {states.map((state) => (
          <tr>
            <td>
              <a href={pathOf.experiment(state.plan?.id ?? "")}>
                <Moment atMs={momentOf(state)} timezone={timezone} />
              </a>
            </td>
            <td>
              <TargetText state={state} />
            </td>
            <td>
              <Outcome state={state} />
            </td>
            <td>{inOneLine(state)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );

const TargetText: FC<{ state: ExperimentState }> = ({ state: { choice, plan } }) => {
  const what = plan?.sham ? "sham" : (plan?.natural?.what ?? choice?.fault.kind);
  if (choice === null) return <span class="sub">{plan?.policy ?? ""}</span>;
  return (
    <>
      <span class="nm">
        {choice.target.workload.namespace}/{choice.target.workload.name}
      </span>{" "}
      <span class="sub nw">{what}</span>
    </>
  );
};

/** The outcome; where an experiment has none, why. */
export const Outcome: FC<{ state: ExperimentState }> = ({ state }) => {
  const outcome = outcomeOf(state);
  if (outcome === null) return <PlainPill>{stateWord(state)}</PlainPill>;
  return (
    <>
      <OutcomePill outcome={outcome} />
      {state.provisional ? <span class="sub"> provisional</span> : null}
    </>
  );
};
