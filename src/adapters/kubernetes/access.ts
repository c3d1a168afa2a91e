import type { V1ResourceAttributes } from "@kubernetes/client-node";
import type { AccessQuestion } from "../../ports/cluster.ts";
import type { KubernetesClient } from "./client.ts";

/** Asks the API server what this process may do: one SelfSubjectAccessReview a question. */
export async function mayI(
  client: KubernetesClient,
  questions: readonly AccessQuestion[],
  signal: AbortSignal,
): Promise<readonly boolean[]> {
  return Promise.all(
    questions.map(async (question) => {
      const body = { spec: { resourceAttributes: attributes(question) } };
      const review = await client.call(signal, (options) =>
        client.authorization.createSelfSubjectAccessReview({ body }, options),
      );
      return review.status?.allowed === true;
    }),
  );
}

const attributes = ({ verb, group, resource, subresource, namespace, name }: AccessQuestion): V1ResourceAttributes => ({
  verb,
  group,
  resource,
  ...(subresource === undefined ? {} : { subresource }),
  ...(namespace === undefined ? {} : { namespace }),
  ...(name === undefined ? {} : { name }),
});
