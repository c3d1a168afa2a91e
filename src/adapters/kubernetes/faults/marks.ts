import type { InjectionOrder } from "../../../ports/faults.ts";

/**
 * Annotations on whatever carries a fault that must be undone: any replica can find it and knows
 * whose it is and when it is over.
 */
export const EXPERIMENT_ANNOTATION = "aftershock.dev/experiment";
export const EXPIRES_ANNOTATION = "aftershock.dev/expires-at";
export const INSTALLATION_ANNOTATION = "aftershock.dev/installation";

/** All marks of a merge patch that takes them away. */
export const NO_MARKS: Readonly<Record<string, null>> = {
  [EXPERIMENT_ANNOTATION]: null,
  [EXPIRES_ANNOTATION]: null,
  [INSTALLATION_ANNOTATION]: null,
};

export interface Marks {
  readonly experimentId: string;
  readonly expiresMs: number;
  /** Whose journal has the experiment; null on what an older version made. */
  readonly installation: string | null;
}

/** An order with the name of the installation that gives it. Null: it marks nothing with a name. */
export interface MarkedOrder extends InjectionOrder {
  readonly installation: string | null;
}

export const marksFor = ({ experimentId, expiresMs, installation }: MarkedOrder): Readonly<Record<string, string>> => ({
  [EXPERIMENT_ANNOTATION]: experimentId,
  [EXPIRES_ANNOTATION]: new Date(expiresMs).toISOString(),
  ...(installation === null ? {} : { [INSTALLATION_ANNOTATION]: installation }),
});

/**
 * Our marks on an object, or null. An expiry that cannot be read has passed: better undone too
 * early than never.
 */
export function readMarks(annotations: Readonly<Record<string, string>> | undefined): Marks | null {
  const experimentId = annotations?.[EXPERIMENT_ANNOTATION];
  if (experimentId === undefined) return null;
  const expiresMs = Date.parse(annotations?.[EXPIRES_ANNOTATION] ?? "");
  const installation = annotations?.[INSTALLATION_ANNOTATION] ?? null;
  return { experimentId, expiresMs: Number.isNaN(expiresMs) ? 0 : expiresMs, installation };
}

/** Whether `installation` made it. What an older version made is everybody's. */
export const madeBy = (marks: Pick<Marks, "installation">, installation: string | null): boolean =>
  marks.installation === null || marks.installation === installation;

/**
 * Whether these marks are of this very order. Two installations may have experiments of one name:
 * it is made of policy and time.
 */
export const areOf = (marks: Marks | null, order: MarkedOrder): boolean =>
  marks !== null && marks.experimentId === order.experimentId && madeBy(marks, order.installation);

/** Whether two looks saw the same marks. */
export const sameMarks = (a: Marks | null, b: Marks): boolean =>
  a !== null && a.experimentId === b.experimentId && a.installation === b.installation;

/** `experiment drains-20260306T091500Z`, and whose it is: for messages. */
export const describeMarks = ({ experimentId, installation }: Marks): string =>
  `experiment ${experimentId}${installation === null ? "" : ` of installation ${installation}`}`;
