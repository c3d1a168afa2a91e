import type { ScrapeTarget } from "../telemetry/target.ts";

/**
 * What a pod means to traffic. The cluster's simulation sets it and then tells the traffic that
 * something changed.
 */
export interface TrafficPod {
  readonly name: string;
  readonly uid: string;
  readonly target: ScrapeTarget;
  /** The callers' proxies send requests to it (endpoints are pushed to them with a delay). */
  inMesh: boolean;
  /** The process takes requests. */
  serving: boolean;
  /** It is Ready, and its caches are not filled yet. */
  cold: boolean;
  /** Its long-lived connection, when the service has one. */
  connection: PodConnection;
}

/** `none`: not opened yet; `lost`: the other side is gone. */
export type PodConnection = { readonly state: "open"; readonly to: TrafficPod } | { readonly state: "none" | "lost" };

/** Pods that take part in the work of their service: requests reach them and they answer. */
export const atWork = (pod: TrafficPod): boolean => pod.inMesh && pod.serving;
