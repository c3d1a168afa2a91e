import type { V1ObjectMeta } from "@kubernetes/client-node";

/**
 * A Lease as far as we look into it; whatever else is in it is written back as it was read. Times
 * are text with microseconds.
 */
export interface LeaseObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: V1ObjectMeta;
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

export const newLease = (metadata: V1ObjectMeta): LeaseObject => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata,
  spec: {},
});
