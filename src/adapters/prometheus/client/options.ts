import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Signals } from "../signals/signals.ts";

export interface PrometheusOptions {
  /** Address with path prefix, e.g. `http://prometheus.istio-system:9090` or `https://mimir/prometheus`. */
  readonly url: string;
  /** Sent with every request; values are secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly bearerToken?: string;
  /** `X-Scope-OrgID` of Mimir and its kind. */
  readonly tenant?: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca?: string;
  /** Real milliseconds that one request may take; also told to the server. */
  readonly timeoutMs: number;
  /** Requests under way at the same time; at most 4, because Prometheus shares its 20 with every dashboard. */
  readonly maxParallel?: number;
  readonly signals: Signals;
  readonly clock: Clock;
  readonly log: Log;
}
