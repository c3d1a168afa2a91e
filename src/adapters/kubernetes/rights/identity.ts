import type { V1SelfSubjectReview } from "@kubernetes/client-node";
import type { KubernetesClient } from "../client/client.ts";
import { collectionPath } from "../client/paths.ts";

/**
 * Who we are to the API server, as its audit log has it:
 * `system:serviceaccount:aftershock:aftershock`, `jane@example.com`. Everybody who is known may ask
 * (Kubernetes 1.28 and newer). Null when it does not say. Rejects as every request.
 */
export async function usernameOf(client: KubernetesClient, signal: AbortSignal): Promise<string | null> {
  const path = collectionPath("selfsubjectreviews", null);
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const review = await client.request<V1SelfSubjectReview>({ method: "POST", path, body }, signal);
  const username: unknown = review.status?.userInfo?.username;
  return typeof username === "string" && username !== "" ? username : null;
}
