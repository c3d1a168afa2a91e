import type { ExperimentPlan } from "../../src/core/model/experiment.ts";
import type { Fault } from "../../src/core/model/fault.ts";
import { HOUR_MS, MINUTE_MS, type Window } from "../../src/core/model/units.ts";
import { slotId } from "../../src/core/schedule/slots.ts";
import { experimentPlan } from "../support/experiments.ts";

/** What an experiment of the harness does. */
export interface Trial {
  readonly name: string;
  readonly fault: Fault;
  readonly sham: boolean;
  /**
   * Its services get worse, and are on their way back when the observation should end: it is
   * extended.
   */
  readonly extended?: boolean;
  /** Workloads that may be hit; all, when left out. */
  readonly names?: readonly string[];
}

const STANDING_MS = MINUTE_MS;
const FAULTS: readonly Fault[] = [
  { kind: "pod-delete" },
  { kind: "pod-evict" },
  { kind: "pod-kill" },
  { kind: "node-drain", durationMs: STANDING_MS },
  { kind: "zone-outage", durationMs: STANDING_MS },
  { kind: "http-abort", durationMs: STANDING_MS, httpStatus: 503, percent: 50 },
  { kind: "http-delay", durationMs: STANDING_MS, delayMs: 500, percent: 50 },
];

export const TRIALS: readonly Trial[] = [
  ...FAULTS.map((fault) => ({ name: fault.kind, fault, sham: false })),
  { name: "sham", fault: { kind: "pod-delete" }, sham: true },
  { name: "extended", fault: { kind: "pod-delete" }, sham: false, extended: true, names: ["go-app"] },
];

/** Small windows: no time passes in them but the worker's own. */
const GEOMETRY = {
  stepMs: MINUTE_MS,
  beforeMs: 10 * MINUTE_MS,
  earlyMs: MINUTE_MS,
  graceMs: MINUTE_MS,
  lateMs: MINUTE_MS,
};

/** As long as damage needs to be found, and to be back for a short time only. */
const EXTENDED_GEOMETRY = { ...GEOMETRY, earlyMs: 5 * MINUTE_MS, lateMs: 10 * MINUTE_MS, extensionMs: 30 * MINUTE_MS };
/** Whole again after one to three minutes, its late window ends at 12 to 14. */
const DAMAGE_MS = 10 * MINUTE_MS;

/** When the services of an experiment fail, if they do. */
export const damageOf = ({ extended }: Trial, { slotMs }: ExperimentPlan): readonly Window[] =>
  extended === true ? [{ fromMs: slotMs, toMs: slotMs + DAMAGE_MS }] : [];

/** An experiment an hour after `afterMs`; `number` tells it apart from all others. */
export function planFor({ sham, extended }: Trial, number: number, seed: number, afterMs: number): ExperimentPlan {
  const slotMs = Math.ceil((afterMs + HOUR_MS) / 1000) * 1000;
  const id = slotId(`chaos-${number}`, slotMs);
  return experimentPlan({
    id,
    policy: "chaos",
    slotMs,
    seed,
    sham,
    geometry: extended === true ? EXTENDED_GEOMETRY : GEOMETRY,
  });
}
