import type { V1ResourceAttributes, V1SelfSubjectAccessReview } from "@kubernetes/client-node";
import type { AccessQuestion } from "../../../ports/cluster.ts";
import type { KubernetesClient } from "../client/client.ts";
import { fewAtATime } from "../client/few-at-a-time.ts";
import { collectionPath } from "../client/paths.ts";

/** Somebody may have hundreds of questions, and others wait in the same queue. */
const AT_A_TIME = 32;

/** Asks the API server what this process may do: one SelfSubjectAccessReview a question. */
export async function mayI(
  client: KubernetesClient,
  questions: readonly AccessQuestion[],
  signal: AbortSignal,
): Promise<readonly boolean[]> {
  const path = collectionPath("selfsubjectaccessreviews", null);
  return fewAtATime(questions, AT_A_TIME, async (question) => {
    const body = { spec: { resourceAttributes: attributes(question) } };
    const review = await client.request<V1SelfSubjectAccessReview>({ method: "POST", path, body }, signal);
    return review.status?.allowed === true;
  });
}

const attributes = ({ verb, group, resource, subresource, namespace, name }: AccessQuestion): V1ResourceAttributes => ({
  verb,
  group,
  resource,
  ...(subresource === undefined ? {} : { subresource }),
  ...(namespace === undefined ? {} : { namespace }),
  ...(name === undefined ? {} : { name }),
});
