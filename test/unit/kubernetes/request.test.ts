import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describeRequest, requestName } from "../../../src/adapters/kubernetes/client/request.ts";

const at = (path: string) => `https://server:6443${path}`;

describe("a request as the authorizer sees it", () => {
  test.each([
    { method: "GET", path: "/api/v1/namespaces/go-app/pods?limit=500", name: "list pods in namespace go-app" },
    { method: "GET", path: "/api/v1/namespaces/go-app/pods?watch=true", name: "watch pods in namespace go-app" },
    { method: "GET", path: "/api/v1/namespaces/go-app/pods/a", name: "get pods in namespace go-app" },
    { method: "DELETE", path: "/api/v1/namespaces/go-app/pods/a", name: "delete pods in namespace go-app" },
    {
      method: "POST",
      path: "/api/v1/namespaces/go-app/pods/a/eviction",
      name: "create pods/eviction in namespace go-app",
    },
    { method: "GET", path: "/api/v1/namespaces/go-app", name: "get namespaces in namespace go-app" },
    { method: "GET", path: "/api/v1/namespaces", name: "list namespaces" },
    { method: "PATCH", path: "/api/v1/nodes/node-b", name: "patch nodes" },
    {
      method: "PUT",
      path: "/apis/coordination.k8s.io/v1/namespaces/a/leases/l",
      name: "update leases.coordination.k8s.io in namespace a",
    },
    {
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      name: "create selfsubjectaccessreviews.authorization.k8s.io",
    },
  ])("$method $path is $name", ({ method, path, name }) =>
    expect(requestName(describeRequest(method, at(path)))).toBe(name),
  );

  test("its template holds no names, so that it can be counted", () => {
    expect(describeRequest("GET", at("/api/v1/namespaces/go-app/pods/a?b=1&a=2")).template).toBe(
      "/api/v1/namespaces/{namespace}/pods/{name}?a={a}&b={b}",
    );
  });

  test("every recorded call reads as itself", () => {
    const calls = readFileSync(new URL("../../../fixtures/kubernetes/calls.txt", import.meta.url), "utf8")
      .trim()
      .split("\n");
    for (const call of calls) {
      const [method = "", template = ""] = call.split(/\s+/);
      expect(`${method} ${decodeURI(describeRequest(method, at(template)).template)}`).toBe(`${method} ${template}`);
    }
  });
});
