/** The parts of a Kubernetes `Status` object that we react to. */
export interface Status {
  readonly message: string;
  readonly reason: string;
  readonly code: number;
  readonly retryAfterSeconds: number | undefined;
  readonly causes: readonly { readonly reason: string; readonly message: string }[];
}

/** Reads the body of a refusal: a JSON string, an object, or something else entirely (null). */
export function parseStatus(body: unknown): Status | null {
  const value = typeof body === "string" ? parseJson(body) : body;
  if (!isRecord(value) || value.kind !== "Status") return null;
  const details = isRecord(value.details) ? value.details : {};
  const causes: unknown[] = Array.isArray(details.causes) ? details.causes : [];
  return {
    message: text(value.message),
    reason: text(value.reason),
    code: typeof value.code === "number" ? value.code : 0,
    retryAfterSeconds: typeof details.retryAfterSeconds === "number" ? details.retryAfterSeconds : undefined,
    causes: causes.filter(isRecord).map((one) => ({ reason: text(one.reason), message: text(one.message) })),
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** True for what JSON calls an object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
