import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Matchers } from "../signals/matchers.ts";
import type { Signals } from "../signals/signals.ts";

/**
 * What requests carry that may change while a worker runs; values are secrets, except the
 * certificates.
 */
export interface Access {
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly bearerToken?: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca?: string;
}

export interface PrometheusOptions extends Access {
  /**
   * Address with path prefix, e.g. `http://prometheus.istio-system:9090` or
   * `https://mimir/prometheus`.
   */
  readonly url: string;
  /** `X-Scope-OrgID` of Mimir and its kind. */
  readonly tenant?: string;
  /** Labels that every series must have, such as the cluster's. */
  readonly matchers?: Matchers;
  /**
   * Looks again at what comes from files, before each request; what is left out stays as it is.
   * Never rejects.
   */
  readonly reread?: () => Promise<Access>;
  /** Address of the HTTP proxy that leads to the server; null or left out: none. */
  readonly proxy?: string | null;
  /** Real milliseconds that one request may take; also told to the server. */
  readonly timeoutMs: number;
  /**
   * Requests under way at the same time; at most 4, because Prometheus shares its 20 with every
   * dashboard.
   */
  readonly maxParallel?: number;
  readonly signals: Signals;
  readonly clock: Clock;
  readonly log: Log;
}
