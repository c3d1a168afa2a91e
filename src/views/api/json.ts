import type { ExperimentState } from "../../core/model/experiment.ts";
import { outcomeOf } from "../../core/model/outcome.ts";
import type { Counts, Observation, ServiceCounts } from "../../core/model/series.ts";
import type { Link } from "../../core/text/link.ts";
import type { ExperimentRecord } from "../data.ts";

/**
 * Counts as lists, null in steps that were not scraped: JSON has no typed arrays, and a zero would
 * be a lie.
 */
function countsJson(counts: ServiceCounts) {
  const list = (values: Counts): (number | null)[] =>
    Array.from(values, (value, i) => (counts.valid[i] === 1 && Number.isFinite(value) ? value : null));
  const { service, reporter, latency, connections, flags } = counts;
  return {
    service,
    reporter,
    requests: list(counts.requests),
    failures: list(counts.failures),
    latency:
      latency === null
        ? null
        : { boundsMs: latency.boundsMs, successes: list(latency.successes), slow: latency.slow.map(list) },
    connections:
      connections === null
        ? null
        : { opened: list(connections.opened), closed: list(connections.closed), failed: list(connections.failed) },
    flags,
  };
}

const observationJson = ({ grid, services, notes, sourceRequests }: Observation) => ({
  grid,
  services: services.map(countsJson),
  notes,
  sourceRequests,
});

/** An experiment in a list of the API. */
export const stateJson = (state: ExperimentState) => ({ ...state, outcome: outcomeOf(state) });

/** An experiment as the API gives it. */
export const recordJson = ({ state, entries, observation, calls }: ExperimentRecord, links: readonly Link[]) => ({
  ...stateJson(state),
  links,
  entries,
  calls,
  observation: observation === null ? null : observationJson(observation),
});
