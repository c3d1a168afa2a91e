import { type ApiRequest, describeRequest } from "./request.ts";

/** How often one kind of request was made. */
export interface CallCount {
  readonly verb: string;
  readonly group: string;
  /** `pods`, `pods/eviction`. */
  readonly resource: string;
  /** `GET /api/v1/namespaces/{namespace}/pods?limit={limit}`. */
  readonly template: string;
  /** Namespaces in which it was made; empty for what belongs to no namespace. */
  readonly namespaces: readonly string[];
  readonly count: number;
}

export interface CallCounter {
  count(method: string, url: string): ApiRequest;
  counts(): readonly CallCount[];
}

/**
 * Counts requests by what they ask, never by object name: its size stays small however long the
 * process lives.
 */
export function callCounter(): CallCounter {
  const entries = new Map<string, { request: ApiRequest; namespaces: Set<string>; count: number }>();
  return {
    count(method, url) {
      const request = describeRequest(method, url);
      const key = `${method} ${request.template}`;
      const entry = entries.get(key) ?? { request, namespaces: new Set<string>(), count: 0 };
      entry.count += 1;
      if (request.namespace !== null) entry.namespaces.add(request.namespace);
      entries.set(key, entry);
      return request;
    },
    counts: () =>
      [...entries]
        .map(([template, { request, namespaces, count }]) => ({
          verb: request.verb,
          group: request.group,
          resource: request.subresource === null ? request.resource : `${request.resource}/${request.subresource}`,
          template,
          namespaces: [...namespaces].sort(),
          count,
        }))
        .sort((a, b) => b.count - a.count || (a.template < b.template ? -1 : 1)),
  };
}
