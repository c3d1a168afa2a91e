/** What a workload's template says of how its pods are placed and ended. */
export interface WorkloadDesign {
  /** Containers that ask for no CPU, or for no memory. */
  readonly withoutRequests: readonly string[];
  /** `terminationGracePeriodSeconds`. */
  readonly graceSeconds: number;
  /** The longest preStop that only waits; null: there is none, or it does something else. */
  readonly preStopSeconds: number | null;
  /** Some container has a preStop, whatever it does; absent: nobody looked. */
  readonly preStop?: boolean;
}
