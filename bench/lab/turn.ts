import { type Mesh, workloadsOf } from "./apps.ts";
import type { Load } from "./load.ts";
import type { Mailbox } from "./mailbox.ts";
import type { LabRecord } from "./record.ts";
import type { Scenario } from "./scenarios.ts";
import type { LabWindows } from "./windows.ts";

/** One installation: it runs one experiment after the other in one namespace. */
export interface Lane {
  readonly name: string;
  readonly mesh: Mesh;
  readonly namespace: string;
  /** In turn, one an experiment. */
  readonly windows: readonly LabWindows[];
  /** In turn, too; null: a lane of shams. */
  readonly scenarios: readonly Scenario[] | null;
  /** Begins so much later: lanes over the same applications look at different times. */
  readonly delayS: number;
}

export interface LaneDeps {
  readonly folder: string;
  readonly prometheusUrl: string;
  readonly load: Load;
  readonly mailbox: Mailbox;
  /** Command that switches a node's power with `kill NODE` and `start NODE`. */
  readonly power: string | null;
  /** Experiments that this lane did in earlier runs of the campaign. */
  readonly done: number;
  keep(record: LabRecord): void;
}

/** What the lane does in its turn; a lane of shams names one workload after the other. */
export function targetOf(
  { scenarios, mesh }: Lane,
  index: number,
): { readonly scenario: Scenario | null; readonly target: string } {
  const scenario = scenarios === null ? null : scenarios[index % scenarios.length]!;
  const workloads = workloadsOf(mesh);
  return { scenario, target: scenario?.target ?? workloads[index % workloads.length]! };
}
