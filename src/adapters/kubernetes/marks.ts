import type { InjectionOrder } from "../../ports/faults.ts";

/** Annotations on whatever carries a fault that must be undone: any replica can find it and knows when it is over. */
export const EXPERIMENT_ANNOTATION = "aftershock.dev/experiment";
export const EXPIRES_ANNOTATION = "aftershock.dev/expires-at";

export interface Marks {
  readonly experimentId: string;
  readonly expiresMs: number;
}

export const marksFor = ({ experimentId, expiresMs }: InjectionOrder): Readonly<Record<string, string>> => ({
  [EXPERIMENT_ANNOTATION]: experimentId,
  [EXPIRES_ANNOTATION]: new Date(expiresMs).toISOString(),
});

/** Our marks on an object, or null. An expiry that cannot be read has passed: better undone too early than never. */
export function readMarks(annotations: Readonly<Record<string, string>> | undefined): Marks | null {
  const experimentId = annotations?.[EXPERIMENT_ANNOTATION];
  if (experimentId === undefined) return null;
  const expiresMs = Date.parse(annotations?.[EXPIRES_ANNOTATION] ?? "");
  return { experimentId, expiresMs: Number.isNaN(expiresMs) ? 0 : expiresMs };
}
