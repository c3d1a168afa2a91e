/** A `Status` object: what the API server answers instead of an object. */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly { readonly reason: string; readonly message: string; readonly field?: string }[];
}

/** Names an object in refusals: `leases.coordination.k8s.io "aftershock"`. */
export interface Subject {
  readonly group: string;
  readonly resource: string;
  readonly name?: string;
}

/**
 * A refusal, with the bodies that a real API server 1.33 sends (recorded in fixtures/kubernetes).
 */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly status: Status;

  constructor(code: number, reason: string | null, message: string, details?: StatusDetails) {
    super(message);
    this.status = failure(code, reason, message, details);
  }
}

const failure = (code: number, reason: string | null, message: string, details?: StatusDetails): Status => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message,
  ...(reason === null ? {} : { reason }),
  ...(details === undefined ? {} : { details }),
  code,
});

export const success = (code: number): Status => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Success",
  code,
});

const qualified = ({ group, resource }: Subject): string => (group === "" ? resource : `${resource}.${group}`);
const detailsOf = ({ group, resource, name }: Subject): StatusDetails => ({
  ...(name === undefined ? {} : { name }),
  ...(group === "" ? {} : { group }),
  kind: resource,
});

export const notFound = (subject: Subject): StatusError =>
  new StatusError(404, "NotFound", `${qualified(subject)} "${subject.name}" not found`, detailsOf(subject));

export const noSuchResource = (): StatusError =>
  new StatusError(404, "NotFound", "the server could not find the requested resource", {});

export const methodNotAllowed = (): StatusError =>
  new StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});

export const unsupportedMediaType = (): StatusError =>
  new StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});

export const badRequest = (message: string): StatusError => new StatusError(400, "BadRequest", message);

export const alreadyExists = (subject: Subject): StatusError =>
  new StatusError(409, "AlreadyExists", `${qualified(subject)} "${subject.name}" already exists`, detailsOf(subject));

export const modified = (subject: Subject): StatusError =>
  new StatusError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(subject)} "${subject.name}": the object has been modified; please apply your changes to the latest version and try again`,
    detailsOf(subject),
  );

/** A precondition on a pod that does not hold. */
export const preconditionFailed = (
  name: string,
  what: string,
  wanted: string,
  found: string,
  why: string,
): StatusError =>
  new StatusError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on Pod "${name}": the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found}). The object might have been ${why}`,
    { name, kind: "Pod" },
  );

export const budgetExceeded = (budget: string, needed: number, healthy: number): StatusError =>
  new StatusError(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [
      {
        reason: "DisruptionBudget",
        message: `The disruption budget ${budget} needs ${needed} healthy pods and has ${healthy} currently`,
      },
    ],
  });

export function invalid(kind: string, subject: Subject, field: string, problem: string): StatusError {
  const reason = problem.startsWith("Required") ? "FieldValueRequired" : "FieldValueInvalid";
  const name = subject.group === "" || kind === "Event" ? kind : `${kind}.${subject.group}`;
  const details = {
    ...(subject.name === undefined ? {} : { name: subject.name }),
    ...(subject.group === "" ? {} : { group: subject.group }),
    kind,
  };
  return new StatusError(422, "Invalid", `${name} "${subject.name ?? ""}" is invalid: ${field}: ${problem}`, {
    ...details,
    causes: [{ reason, message: problem, field }],
  });
}
