import type { FC } from "hono/jsx";
import type { ExperimentState } from "../core/model/experiment.ts";
import { outcomeOf } from "../core/model/outcome.ts";
import { pathOf } from "./data.ts";
import { stateWord } from "./experiment-words.ts";
import type { ListedExperiment } from "./lists/listed.ts";
import { Empty, Moment, OutcomePill, PlainPill, Term } from "./parts.tsx";

export interface ExperimentTableProps {
  readonly lines: readonly ListedExperiment[];
  readonly timezone: string;
  /** What is said of an empty list. */
  readonly none?: string;
}

/** The columns of a list of experiments. */
export const ExperimentHead: FC = () => (
  <thead>
    <tr>
      <th>When</th>
      <th>Target</th>
      <th>Outcome</th>
      <th>What happened</th>
    </tr>
  </thead>
);

/** A list of experiments, newest first, as given. */
export const ExperimentTable: FC<ExperimentTableProps> = ({ lines, timezone, none = "None yet." }) =>
  lines.length === 0 ? (
    <Empty>{none}</Empty>
  ) : (
    <table class="fold">
      <ExperimentHead />
      <tbody>
        {lines.map((line) => (
          <tr>
            <td>
              <a href={pathOf.experiment(line.id)}>
                <Moment atMs={line.atMs} timezone={timezone} />
              </a>
            </td>
            <td>
              <TargetText line={line} />
            </td>
            <td>
              <Ending outcome={line.outcome} ending={line.ending} provisional={line.provisional} />
            </td>
            <td>{line.told}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );

const TargetText: FC<{ line: ListedExperiment }> = ({ line: { workload, kind, fault, policy } }) =>
  workload === null ? (
    <span class="sub">{policy}</span>
  ) : (
    <>
      <span class="nm">{workload}</span> <span class="sub nw">{kind === "sham" ? "sham" : fault}</span>
    </>
  );

const Ending: FC<Pick<ListedExperiment, "outcome" | "ending" | "provisional">> = ({ outcome, ending, provisional }) =>
  outcome === null ? (
    <PlainPill>{ending}</PlainPill>
  ) : (
    <>
      <OutcomePill outcome={outcome} />
      {provisional ? (
        <span class="sub">
          {" "}
          <Term word="provisional" />
        </span>
      ) : null}
    </>
  );

/** The outcome; where an experiment has none, why. */
export const Outcome: FC<{ state: ExperimentState }> = ({ state }) => {
  const outcome = outcomeOf(state);
  return <Ending outcome={outcome} ending={outcome ?? stateWord(state)} provisional={state.provisional} />;
};
