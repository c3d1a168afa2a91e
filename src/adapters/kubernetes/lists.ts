import type { ConfigurationOptions, V1ListMeta } from "@kubernetes/client-node";
import { AftershockError, hasCode } from "../../core/model/error.ts";
import type { KubernetesClient } from "./client.ts";

/** Objects in one answer: keeps a big namespace's answer small enough to parse without a long pause. */
const PAGE_SIZE = 500;

interface Page<T> {
  readonly metadata?: V1ListMeta;
  readonly items: readonly T[];
}

/** Parameters of one page of a list. */
export interface PageParams {
  readonly limit: number;
  readonly _continue?: string;
}

/** All objects and the version of the list, for a watch that starts there. */
export interface FullList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

/**
 * Reads a list page by page, from one consistent moment. When the server has forgotten that moment (410) it begins again, once.
 */
export async function listAll<T>(
  client: KubernetesClient,
  signal: AbortSignal,
  page: (params: PageParams, options: ConfigurationOptions) => Promise<Page<T>>,
): Promise<FullList<T>> {
  try {
    return await allPages(client, signal, page);
  } catch (cause) {
    if (!hasCode(cause, "cluster-gone")) throw cause;
    return allPages(client, signal, page);
  }
}

async function allPages<T>(
  client: KubernetesClient,
  signal: AbortSignal,
  page: (params: PageParams, options: ConfigurationOptions) => Promise<Page<T>>,
): Promise<FullList<T>> {
  const items: T[] = [];
  let next: string | undefined;
  let resourceVersion = "";
  do {
    const params = next === undefined ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, _continue: next };
    const answer = await client.call(signal, (options) => page(params, options));
    if (!Array.isArray(answer.items)) {
      throw new AftershockError("cluster-unavailable", `${client.server} answered a list request with something else`, {
        hint: "check that the kubeconfig's address is a Kubernetes API server and not a proxy or a login page",
      });
    }
    items.push(...answer.items);
    resourceVersion = answer.metadata?.resourceVersion ?? "";
    next = answer.metadata?._continue || undefined;
  } while (next !== undefined);
  return { items, resourceVersion };
}
