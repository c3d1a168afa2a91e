import type { ExperimentEvent } from "../../../src/core/model/experiment.ts";

/** What happened, at `atMs` of the time that nobody can set; `by` is the process that did it. */
export type Entry = { readonly atMs: number; readonly by: string } & What;

export type What =
  /** The lease as it is after a write of whomever. */
  | {
      readonly on: "lease";
      readonly holder: string;
      readonly token: number;
      readonly intent: { readonly id: string; readonly outcome: string | null } | null;
    }
  /** `in-force`: the command said so. */
  | { readonly on: "halt"; readonly state: "written" | "in-force" | "lifted" }
  | { readonly on: "journal"; readonly id: string; readonly seq: number; readonly event: ExperimentEvent }
  /** Everything that was stored after `toMs` is gone. */
  | { readonly on: "storage"; readonly toMs: number }
  | { readonly on: "queue"; readonly state: "asked" | "handed" | "done"; readonly key: string }
  | Call
  /** Marks of ours on a node or a VirtualService after a change; null: none. */
  | { readonly on: "fault"; readonly object: string; readonly experiment: string | null }
  | {
      readonly on: "pod";
      readonly workload: string;
      readonly uid: string;
      readonly state: "ready" | "unready" | "gone";
    }
  /** What somebody asked of the metrics came back in part only. */
  | { readonly on: "partial"; readonly experiment: string | null }
  | {
      readonly on: "process";
      readonly state: "started" | "killed" | "terminated" | "stopped" | "continued" | "ended";
      /** Exit code of a command that came to its end. */
      readonly code?: number;
    }
  /** `ms`: nobody is reached for so long. */
  | { readonly on: "trouble"; readonly what: string; readonly ms?: number };

/** A request that breaks something: a deletion, an eviction, a cordon, a route with a fault. */
export interface Call {
  readonly on: "call";
  /** When the process gave it to the network, … */
  readonly askedMs: number;
  /** … when it left: a process may be stopped in between, … */
  readonly sentMs: number;
  /** … and what the API server's clock showed then, as far as the process could know. */
  readonly shownMs: number;
  /** The experiment for which the process made it. */
  readonly experiment: string;
  readonly verb: "delete" | "evict" | "cordon" | "route";
  readonly object: string;
  /** Of a pod: which one there was. */
  readonly uid: string | null;
  readonly applied: boolean;
  /** The network delivered the same request a second time. */
  readonly copy: boolean;
}

export type Of<On extends What["on"]> = Extract<Entry, { on: On }>;

/** The entries of one kind, in order. */
export const ofKind = <On extends What["on"]>(history: readonly Entry[], on: On): readonly Of<On>[] =>
  history.filter((entry): entry is Of<On> => entry.on === on);
