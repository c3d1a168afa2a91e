import { AftershockError } from "../../../core/model/error.ts";
import { neverConnected } from "../../never-connected.ts";
import { NoCredentials } from "./credentials.ts";
import { Refusal } from "./refusal.ts";
import { type ApiRequest, requestName } from "./request.ts";
import { parseStatus, type Status } from "./status.ts";

/**
 * Cause of a 403 for whatever is made in a namespace that goes: k8s.io/api/core/v1,
 * NamespaceTerminatingCause.
 */
const NAMESPACE_ENDS = "NamespaceTerminating";
/**
 * An admission webhook, a policy or the eviction API that said no before anything was done, at
 * whatever status: webhooks choose their own (403, 429, 500).
 * k8s.io/apiserver/pkg/admission/plugin/webhook/errors/statuserror.go, …/plugin/policy/validating,
 * …/plugin/webhook/generic (`failed calling webhook`)
 */
const DENIED =
  /\badmission webhook "[^"]*" denied\b|\bValidatingAdmissionPolicy '[^']*'.*\bdenied request\b|\bfailed calling webhook "|\bmore than one PodDisruptionBudget\b/s;
/** Longest stretch of a server's own words in our messages. */
const MESSAGE_MAX_CHARS = 300;

/**
 * What the API server's answer, or its silence, means to us.
 * Never contains headers or request bodies; `server` is the address without credentials.
 */
export function toAftershockError(cause: unknown, request: ApiRequest, server: string): AftershockError {
  if (cause instanceof AftershockError) return cause;
  const what = requestName(request);
  if (cause instanceof Refusal) return fromAnswer(cause, request, what, server);
  return fromSilence(cause, what, server);
}

function fromAnswer(cause: Refusal, request: ApiRequest, what: string, server: string): AftershockError {
  const status = parseStatus(cause.body);
  const said = (status?.message ?? "no explanation").slice(0, MESSAGE_MAX_CHARS);
  const retryAfterMs = retryAfter(cause.headers, status);
  if (status !== null && DENIED.test(status.message)) return denied(cause, what, said);
  switch (cause.status) {
    case 401:
      return new AftershockError("cluster-forbidden", `${server} does not know who we are (401), cannot ${what}`, {
        hint: "check the credentials of the kubeconfig or of the service account",
        cause: shortCause(cause, said),
      });
    case 403:
      if (status?.causes.some((one) => one.reason === NAMESPACE_ENDS))
        return new AftershockError("cluster-forbidden", `${what}: the namespace is being deleted`, {
          hint: "nothing is to be done: no right is missing",
          cause: shortCause(cause, said),
        });
      return new AftershockError("cluster-forbidden", `not allowed to ${what}: ${said}`, {
        hint: `grant it: \`aftershock rbac\` prints the roles that this configuration needs, apply them${inNamespace(request)}`,
        cause: shortCause(cause, said),
      });
    case 404:
      if (status === null && isBuiltIn(request)) return misrouted(cause, what, server);
      return new AftershockError("cluster-gone", `${what}: ${said}`, { cause: shortCause(cause, said) });
    case 410:
      return new AftershockError("cluster-gone", `${what}: ${said}`, { cause: shortCause(cause, said) });
    case 409:
      return new AftershockError("cluster-conflict", `${what}: ${said}`, { cause: shortCause(cause, said) });
    case 429:
      return refused(cause, status, what, said, retryAfterMs);
    default:
      if (status !== null && cause.status < 500) return refusedAsSent(cause, what, said);
      return new AftershockError("cluster-unavailable", `${server} answered ${cause.status} to ${what}: ${said}`, {
        retryable: cause.status >= 500,
        cause: shortCause(cause, said),
        hint:
          cause.status >= 500
            ? "look at the API server's health; it is tried again"
            : "the server refuses what we send",
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
  }
}

/** Nothing was done, and no right of ours is missing. */
const denied = (cause: Refusal, what: string, said: string): AftershockError =>
  new AftershockError("cluster-refused", `the cluster refuses to ${what}: ${said}`, {
    hint: "an admission webhook or policy of the cluster says no: ask whoever runs it, or keep this target out of the policy",
    cause: shortCause(cause, said),
  });

/** Any other 4xx in a Status: the API server looked at the request and did nothing. */
const refusedAsSent = (cause: Refusal, what: string, said: string): AftershockError =>
  new AftershockError("cluster-refused", `the API server refuses to ${what} (${cause.status}): ${said}`, {
    hint: "nothing was done; its own words say what it wants",
    cause: shortCause(cause, said),
  });

/**
 * Of groups that it serves an API server says in a Status what it does not have; of others (no
 * Istio, no Gateway API is installed) in plain text that the page is missing.
 */
const isBuiltIn = ({ group }: ApiRequest): boolean =>
  !group.includes(".") || (group.endsWith(".k8s.io") && group !== "gateway.networking.k8s.io");

/**
 * A router that knows no way to the API server must not be taken for an API server without a halt,
 * a lease or a pod.
 */
const misrouted = (cause: Refusal, what: string, server: string): AftershockError =>
  new AftershockError("cluster-unavailable", `${server} answered 404 to ${what}, and not as Kubernetes does`, {
    hint: "check that the kubeconfig's address leads to a Kubernetes API server, and what lies between",
    retryable: true,
    cause: shortCause(cause, "no Status"),
  });

/**
 * A disruption budget says 429 with a cause of type DisruptionBudget; the API server's own flow
 * control says 429 without it. k8s.io/kubernetes/pkg/registry/core/pod/storage/eviction.go
 */
function refused(
  cause: Refusal,
  status: Status | null,
  what: string,
  said: string,
  retryAfterMs: number | undefined,
): AftershockError {
  const budget = status?.causes.find((one) => one.reason === "DisruptionBudget");
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (budget !== undefined) {
    return new AftershockError("budget-refused", `${said} ${budget.message}`.trim(), {
      hint: "the disruption budget protects these pods; wait until it allows a disruption, or change it",
      retryable: true,
      cause: shortCause(cause, said),
      ...wait,
    });
  }
  return new AftershockError("cluster-throttled", `the API server throttles us (429), cannot ${what}`, {
    hint: "it is tried again later",
    retryable: true,
    cause: shortCause(cause, said),
    ...wait,
  });
}

function fromSilence(cause: unknown, what: string, server: string): AftershockError {
  if (cause instanceof NoCredentials) {
    return new AftershockError("cluster-unavailable", `no credentials to ${what} at ${server}: ${cause.message}`, {
      hint: "run the plugin that the kubeconfig names, or look at its token file, as the user that runs this",
      retryable: true,
      cause,
    });
  }
  if (cause instanceof DOMException && cause.name === "TimeoutError") {
    return new AftershockError("cluster-unavailable", `${server} did not answer in time, cannot ${what}`, {
      hint: "look at the API server's health and at the network between",
      retryable: true,
      cause,
    });
  }
  const network = networkCode(cause);
  if (network !== null) {
    return new AftershockError("cluster-unavailable", `cannot reach ${server} to ${what} (${network})`, {
      hint: "check the address in the kubeconfig and that the API server runs",
      retryable: true,
      cause,
    });
  }
  return new AftershockError("cluster-unavailable", `${server} sent an answer to ${what} that is not Kubernetes'`, {
    hint: "check that the kubeconfig's address is a Kubernetes API server and not a proxy or a login page",
    cause,
  });
}

/** No credentials could be had, so nothing was asked. */
const NO_CREDENTIALS = "NO_CREDENTIALS";

/** True when it is certain that the server never saw the request. */
export function wasNeverSent(cause: unknown): boolean {
  const code = networkCode(cause);
  return code !== null && (code === NO_CREDENTIALS || neverConnected(code));
}

/**
 * Node's or undici's error code somewhere down the chain of causes; null when this is no network
 * error.
 */
function networkCode(cause: unknown): string | null {
  for (let one: unknown = cause; one instanceof Error; one = one.cause) {
    if (one instanceof AftershockError) continue;
    if ("code" in one && typeof one.code === "string") return one.code;
    if (one.message === "terminated" || one.message === "fetch failed") {
      if (one.cause === undefined) return "connection closed";
    }
  }
  return null;
}

function retryAfter(headers: Readonly<Record<string, string>>, status: Status | null): number | undefined {
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1_000;
  return status?.retryAfterSeconds !== undefined && status.retryAfterSeconds > 0
    ? status.retryAfterSeconds * 1_000
    : undefined;
}

const inNamespace = (request: ApiRequest): string =>
  request.namespace === null ? "" : ` in namespace ${request.namespace}`;

/** Without body and headers: the status and the server's sentence. */
const shortCause = (cause: Refusal, said: string): Error => new Error(`HTTP ${cause.status}: ${said}`);
