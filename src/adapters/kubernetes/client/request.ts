/** A request to the API server as its authorizer sees it: what `aftershock rbac` must allow. */
export interface ApiRequest {
  readonly method: string;
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`. */
  readonly verb: string;
  /** API group, `""` for core. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string | null;
  readonly namespace: string | null;
  readonly name: string | null;
  /**
   * The path with `{namespace}` and `{name}` in place of the words, and the names of its query
   * parameters.
   */
  readonly template: string;
}

const VERBS: Readonly<Record<string, string>> = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" };

/**
 * Reads method and URL (from the server's address on) as the API server does
 * (k8s.io/apiserver/pkg/endpoints/request/requestinfo.go):
 * `/api/v1/namespaces/{namespace}/pods/{name}/eviction`, `/apis/apps/v1/…`. A namespace read by
 * name counts as inside itself.
 */
export function describeRequest(method: string, url: string): ApiRequest {
  const { pathname, searchParams } = new URL(url, "http://server");
  const parts = pathname.split("/").filter((part) => part !== "");
  const base = parts[0] === "api" ? parts.slice(0, 2) : parts.slice(0, 3);
  const rest = parts.slice(base.length).map(decodeURIComponent);
  const namespaced = rest[0] === "namespaces" && rest.length > 2;
  const [resource = "", name = null, subresource = null] = namespaced ? rest.slice(2) : rest;
  const namespace = namespaced ? rest[1]! : resource === "namespaces" ? name : null;
  const path = [
    ...base,
    ...(namespaced ? ["namespaces", "{namespace}"] : []),
    resource,
    ...(name === null ? [] : [resource === "namespaces" ? "{namespace}" : "{name}"]),
    ...(subresource === null ? [] : [subresource]),
  ];
  const query = [...searchParams.keys()].sort().map((key) => `${key}={${key}}`);
  return {
    method,
    verb: VERBS[method] ?? readVerb(name, searchParams),
    group: base[0] === "api" ? "" : (base[1] ?? ""),
    version: base.at(-1) ?? "",
    resource,
    subresource,
    namespace,
    name,
    template: `/${path.join("/")}${query.length > 0 ? `?${query.join("&")}` : ""}`,
  };
}

function readVerb(name: string | null, query: URLSearchParams): string {
  if (query.get("watch") === "true") return "watch";
  return name === null ? "list" : "get";
}

/** `delete pods in go-app`, `create pods/eviction in go-app`, `list nodes`: for messages. */
export function requestName(request: ApiRequest): string {
  const what = request.subresource === null ? request.resource : `${request.resource}/${request.subresource}`;
  const group = request.group === "" ? "" : `.${request.group}`;
  const where = request.namespace === null ? "" : ` in namespace ${request.namespace}`;
  return `${request.verb} ${what}${group}${where}`;
}
