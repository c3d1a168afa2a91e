/** What the mesh's routes set for HTTP calls to one Service. */
export interface RouteLimits {
  /** Every call ends after some time, whatever the Service does. */
  readonly timeout: boolean;
  /** A route switches off the retries that the mesh does by itself. */
  readonly retriesOff: boolean;
}
