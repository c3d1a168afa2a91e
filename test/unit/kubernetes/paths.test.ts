import { describe, expect, test } from "vitest";
import { collectionIn, collectionPath, named, objectPath } from "../../../src/adapters/kubernetes/client/paths.ts";
import { microTime, timeMs } from "../../../src/adapters/kubernetes/client/time.ts";

describe("the path of a request", () => {
  test.each([
    {
      name: "a pod",
      path: objectPath("pods", "go-app", "repeater-0"),
      is: "/api/v1/namespaces/go-app/pods/repeater-0",
    },
    { name: "a node", path: objectPath("nodes", null, "node-a"), is: "/api/v1/nodes/node-a" },
    { name: "all Deployments", path: collectionPath("deployments", "a"), is: "/apis/apps/v1/namespaces/a/deployments" },
    {
      name: "another group",
      path: named(collectionIn("/apis/g/v1", "x", "a"), "b"),
      is: "/apis/g/v1/namespaces/a/x/b",
    },
    { name: "a name with a slash", path: objectPath("nodes", null, "a/../b?c"), is: "/api/v1/nodes/a%2F..%2Fb%3Fc" },
  ])("names $name", ({ path, is }) => expect(path).toBe(is));

  test.each(["", ".", ".."])(
    'is refused for the name "%s", which would mean something bigger than one object',
    (name) => {
      expect(() => objectPath("pods", "go-app", name)).toThrow("no name of a Kubernetes object");
      expect(() => collectionPath("pods", name)).toThrow("no name of a Kubernetes object");
    },
  );
});

test("times are written with the six digits that leases and events need, and read back", () => {
  const ms = Date.parse("2026-03-06T09:15:00.120Z");
  expect(microTime(ms)).toBe("2026-03-06T09:15:00.120000Z");
  expect(timeMs(microTime(ms))).toBe(ms);
});
