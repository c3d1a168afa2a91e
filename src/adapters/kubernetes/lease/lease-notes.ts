import { AftershockError } from "../../../core/model/error.ts";
import type { Choice, ExperimentId, ExperimentPlan } from "../../../core/model/experiment.ts";
import type { Halt, NotedIntent } from "../../../ports/lease.ts";
import { isRecord } from "../client/status.ts";
import type { LeaseObject } from "./lease-object.ts";

export const INTENT_ANNOTATION = "aftershock.dev/intent";
export const PAST_ANNOTATION = "aftershock.dev/past-intents";
export const HALT_ANNOTATION = "aftershock.dev/halt";

/** One experiment takes minutes and they come one at a time: these are hours, in about 10 KiB. */
const PAST_KEPT = 200;
const MAX_NOTE_CHARS = 65_536;

/**
 * The intent noted last, or null. Rejects what cannot be read: somebody changed it, and it may have
 * been an injection.
 */
export function readIntent(lease: LeaseObject | null): NotedIntent | null {
  const text = lease?.metadata?.annotations?.[INTENT_ANNOTATION];
  if (text === undefined) return null;
  const note = parse(text);
  if (note === null || typeof note.experimentId !== "string" || typeof note.t0Ms !== "number")
    throw notOurs(INTENT_ANNOTATION, text);
  const { experimentId, t0Ms, target, by, outcome, choice, plan, installation } = note;
  return {
    experimentId,
    t0Ms,
    target: String(target ?? ""),
    by: String(by ?? "an older version"),
    outcome: typeof outcome === "string" ? outcome : null,
    ...(isRecord(choice) ? { choice: choice as unknown as Choice } : {}),
    ...(isRecord(plan) ? { plan: plan as unknown as ExperimentPlan } : {}),
    ...(typeof installation === "string" ? { installation } : {}),
  };
}

/** A target of hundreds of pods is left out: an object's annotations may have 256 KiB together. */
export function writeIntent(note: NotedIntent): string {
  const text = JSON.stringify(note);
  const { choice: _choice, plan: _plan, ...rest } = note;
  return text.length <= MAX_NOTE_CHARS ? text : JSON.stringify(rest);
}

/**
 * Experiments whose intent was noted in the last hours, newest last. Rejects what cannot be read.
 */
export function readPastIntents(lease: LeaseObject | null): readonly ExperimentId[] {
  const text = lease?.metadata?.annotations?.[PAST_ANNOTATION];
  if (text === undefined) return [];
  const ids = text.split(" ");
  if (ids.some((id) => id === "")) throw notOurs(PAST_ANNOTATION, text);
  return ids;
}

/** With `id` among them, and as many of the newest as are kept. */
export const writePastIntents = (past: readonly ExperimentId[], id: ExperimentId): string =>
  [...past.filter((one) => one !== id), id].slice(-PAST_KEPT).join(" ");

const notOurs = (annotation: string, text: string): AftershockError =>
  new AftershockError(
    "cluster-conflict",
    `the annotation ${annotation} on the lease is not ours: ${text.slice(0, 80)}`,
    {
      hint: "find out who wrote it, then remove the annotation",
    },
  );

/**
 * The halt that stands, or null. Any text is a halt: people write it with `kubectl annotate` when
 * things burn.
 */
export function readHalt(lease: LeaseObject | null): Halt | null {
  const text = lease?.metadata?.annotations?.[HALT_ANNOTATION];
  if (text === undefined) return null;
  const note = parse(text);
  if (note === null) return { why: text.trim() || "no reason given", by: "somebody with kubectl", atMs: 0 };
  const atMs = Date.parse(String(note.at));
  return {
    why: String(note.why ?? "no reason given"),
    by: String(note.by ?? "unknown"),
    atMs: Number.isNaN(atMs) ? 0 : atMs,
  };
}

/** Readable by people too: `{"why":"…","by":"…","at":"2026-03-06T09:15:00.000Z"}`. */
export const writeHalt = ({ why, by, atMs }: Halt): string =>
  JSON.stringify({ why, by, at: new Date(atMs).toISOString() });

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
