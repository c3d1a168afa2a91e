import type { V1ObjectMeta } from "@kubernetes/client-node";

/**
 * kubectl keeps the whole manifest here, with every literal environment variable: neither wanted
 * nor always fit to be seen.
 */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Annotations of an object without kubectl's copy of the manifest. */
export function annotationsOf(metadata: V1ObjectMeta | undefined): Readonly<Record<string, string>> {
  const { [LAST_APPLIED]: _manifest, ...rest } = metadata?.annotations ?? {};
  return rest;
}
