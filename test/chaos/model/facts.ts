import type { ExperimentEvent } from "../../../src/core/model/experiment.ts";
import type { Window } from "../../../src/core/model/units.ts";
import { type Entry, type Of, ofKind } from "./history.ts";

/** What the history alone does not say. */
export interface Rules {
  /** When the policy may inject, by the API server's clock. */
  readonly allowed: readonly Window[];
  readonly lateAfterMs: number;
  /** Who is touched when a service is: itself, its callers and what it calls. */
  readonly around: (services: readonly string[]) => readonly string[];
}

/** The experiment as its events tell, folded by as few rules as possible. */
export interface Told {
  readonly slotMs: number | null;
  readonly sham: boolean;
  readonly pods: readonly string[];
  readonly services: readonly string[];
  readonly durationMs: number;
  readonly kinds: readonly ExperimentEvent["kind"][];
  readonly last: ExperimentEvent["kind"] | null;
  readonly injection: "none" | "intended" | "done" | "unsure" | "not-done" | "pretended";
  /** Why it was not done, or why nobody knows. */
  readonly why: string;
  /** Services that its verdict found worse for good. */
  readonly worse: readonly string[];
  /** Its verdict says nothing for lack of data. */
  readonly blind: boolean;
}

const NOTHING: Told = {
  slotMs: null,
  sham: false,
  pods: [],
  services: [],
  durationMs: 0,
  kinds: [],
  last: null,
  injection: "none",
  why: "",
  worse: [],
  blind: false,
};

const INJECTION: Partial<Record<ExperimentEvent["kind"], Told["injection"]>> = {
  intended: "intended",
  restored: "intended",
  injected: "done",
  "injected-unsure": "unsure",
  "not-injected": "not-done",
  refused: "not-done",
  missed: "not-done",
  pretended: "pretended",
};

export function tell(events: readonly ExperimentEvent[]): Told {
  const told: { -readonly [Key in keyof Told]: Told[Key] } = { ...NOTHING, kinds: events.map((event) => event.kind) };
  for (const event of events) {
    const injection = INJECTION[event.kind];
    told.last = event.kind;
    if (injection !== undefined) told.injection = injection;
    if (injection !== undefined && "why" in event) told.why = event.why ?? "";
    if (event.kind === "planned") Object.assign(told, { slotMs: event.plan.slotMs, sham: event.plan.sham });
    if (event.kind === "chosen" || event.kind === "restored") {
      const { target, fault } = event.choice;
      told.durationMs = "durationMs" in fault ? fault.durationMs : 0;
      told.pods = target.pods.map((pod) => pod.uid);
      told.services = target.services;
    }
    if (event.kind === "judged") {
      const { headline, verdicts } = event.judgement;
      const worse = verdicts.filter(({ verdict }) => verdict.kind === "persistent" || verdict.kind === "unresolved");
      const open = headline === "persistent" || headline === "unresolved";
      told.worse = open ? worse.map(({ service }) => service) : [];
      const blind = verdicts.every(({ verdict }) => verdict.kind === "inconclusive" && verdict.why === "no-data");
      told.blind = headline === "inconclusive" && blind;
    }
  }
  return told;
}

/** The journal at each moment, with what a storage that went back in time forgot. */
export class Journal {
  readonly #changes: readonly (Of<"journal"> | Of<"storage">)[];

  constructor(history: readonly Entry[]) {
    this.#changes = history.filter(
      (entry): entry is Of<"journal"> | Of<"storage"> => entry.on === "journal" || entry.on === "storage",
    );
  }

  /** All experiments as they were told at `atMs`. */
  at(atMs: number): ReadonlyMap<string, Told> {
    const entries = new Map<string, Of<"journal">[]>();
    for (const change of this.#changes) {
      if (change.atMs > atMs) break;
      if (change.on === "journal") entries.set(change.id, [...(entries.get(change.id) ?? []), change]);
      else
        for (const [id, own] of entries)
          entries.set(
            id,
            own.filter((one) => one.atMs <= change.toMs),
          );
    }
    return new Map([...entries].map(([id, own]) => [id, tell(own.map((one) => one.event))]));
  }

  /** Every event that anybody wrote of an experiment until then, also those that were forgotten. */
  ever(id: string, untilMs = Number.POSITIVE_INFINITY): readonly ExperimentEvent[] {
    return this.#changes.flatMap((one) =>
      one.on === "journal" && one.id === id && one.atMs <= untilMs ? [one.event] : [],
    );
  }
}

/** How long of `[fromMs, toMs)` no process ran, ms. */
export function idleIn(history: readonly Entry[], fromMs: number, toMs: number): number {
  const running = new Set<string>();
  let idleMs = 0;
  let sinceMs: number | null = Number.NEGATIVE_INFINITY;
  const idle = (untilMs: number): void => {
    if (sinceMs !== null) idleMs += Math.max(0, Math.min(untilMs, toMs) - Math.max(sinceMs, fromMs));
  };
  for (const { by, state, atMs } of ofKind(history, "process")) {
    if (by.startsWith("halt") || by.startsWith("resume")) continue;
    if (state === "started" || state === "continued") running.add(by);
    else if (state !== "terminated") running.delete(by);
    if (running.size > 0) {
      idle(atMs);
      sinceMs = null;
    } else sinceMs ??= atMs;
  }
  idle(toMs);
  return idleMs;
}

/** How long of `[fromMs, toMs)` nothing could be written down, ms. */
export function awayIn(history: readonly Entry[], fromMs: number, toMs: number): number {
  const away = ofKind(history, "trouble").filter((one) => one.ms !== undefined && one.what.startsWith("storage: "));
  const ms = away.map((one) => Math.min(toMs, one.atMs + (one.ms ?? 0)) - Math.max(fromMs, one.atMs));
  return Math.max(0, ...ms);
}
