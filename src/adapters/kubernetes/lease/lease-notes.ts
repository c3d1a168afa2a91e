import { AftershockError } from "../../../core/model/error.ts";
import type { Halt, IntentNote } from "../../../ports/lease.ts";
import { isRecord } from "../client/status.ts";
import type { LeaseObject } from "./lease-object.ts";

export const INTENT_ANNOTATION = "aftershock.dev/intent";
export const HALT_ANNOTATION = "aftershock.dev/halt";

/** The intent noted last, or null. Rejects what cannot be read: somebody changed it, and it may have been an injection. */
export function readIntent(lease: LeaseObject | null): IntentNote | null {
  const text = lease?.metadata?.annotations?.[INTENT_ANNOTATION];
  if (text === undefined) return null;
  const note = parse(text);
  if (note !== null && typeof note.experimentId === "string" && typeof note.t0Ms === "number") {
    return { experimentId: note.experimentId, t0Ms: note.t0Ms, target: String(note.target ?? "") };
  }
  throw new AftershockError(
    "cluster-conflict",
    `the annotation ${INTENT_ANNOTATION} on the lease is not ours: ${text.slice(0, 80)}`,
    {
      hint: "find out who wrote it, then remove the annotation",
    },
  );
}

export const writeIntent = (intent: IntentNote): string => JSON.stringify(intent);

/** The halt that stands, or null. Any text is a halt: people write it with `kubectl annotate` when things burn. */
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
