import { describe, expect, test } from "vitest";
import type { KubernetesClient } from "../../../src/adapters/kubernetes/client/client.ts";
import { wasNeverSent } from "../../../src/adapters/kubernetes/client/errors.ts";
import { collectionPath } from "../../../src/adapters/kubernetes/client/paths.ts";
import { type Handler, never, replay, serve } from "./support/serve.ts";

const listPods = (client: KubernetesClient, signal = never) =>
  client.request({ method: "GET", path: collectionPath("pods", "go-app") }, signal);

const refusal = async (handler: Handler, timeoutMs = 10_000): Promise<unknown> => {
  await using served = await serve(handler, { timeoutMs });
  return await listPods(served.client).catch((cause: unknown) => cause);
};

const send =
  (status: number, body: string, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);

describe("what a refusal means", () => {
  test.each([
    {
      name: "401 is forbidden and says that nobody knows us",
      fixture: "list-pods-401",
      code: "cluster-forbidden",
      says: "does not know who we are",
    },
    {
      name: "403 names verb, resource and namespace",
      fixture: "list-pods-403",
      code: "cluster-forbidden",
      says: "list pods in namespace go-app",
    },
    { name: "404 is gone", fixture: "get-pod-404", code: "cluster-gone", says: "not found" },
    {
      name: "409 is a conflict",
      fixture: "delete-pod-409-uid",
      code: "cluster-conflict",
      says: "UID in the precondition",
    },
    {
      name: "429 of a disruption budget is the budget's refusal",
      fixture: "evict-pod-429-budget",
      code: "budget-refused",
      says: "repeater needs 2 healthy pods",
    },
  ])("$name", async ({ fixture, code, says }) => {
    const error = await refusal((_request, response) => replay(response, fixture));
    expect(error).toMatchObject({ name: "AftershockError", code, message: expect.stringContaining(says) });
  });

  test.each([
    { name: "text of a router", body: "default backend - 404" },
    { name: "JSON of a gateway", body: '{"type":"error","status":"404","message":"cluster not found"}' },
  ])("404 that is no answer of Kubernetes (the $name) does not say that anything is gone", async ({ body }) => {
    const error = await refusal(send(404, body));
    expect(error).toMatchObject({ code: "cluster-unavailable", retryable: true });
  });

  test.each([
    "networking.istio.io/v1/namespaces/go-app/virtualservices",
    "gateway.networking.k8s.io/v1/namespaces/go-app/httproutes",
  ])("404 in plain text of a group that not every cluster has says that it is not there: %s", async (path) => {
    await using served = await serve(send(404, "404 page not found\n"));
    const asked = served.client.request({ method: "GET", path: `/apis/${path}` }, never);
    await expect(asked).rejects.toMatchObject({ code: "cluster-gone" });
  });

  test("403 in a namespace that is being deleted is no missing right", async () => {
    const body = JSON.stringify({
      kind: "Status",
      reason: "Forbidden",
      message: "unable to create new content in namespace go-app because it is being terminated",
      details: { causes: [{ reason: "NamespaceTerminating", message: "namespace go-app is being terminated" }] },
      code: 403,
    });
    const error = await refusal(send(403, body));
    expect(error).toMatchObject({ code: "cluster-forbidden", hint: "nothing is to be done: no right is missing" });
    expect(error).toMatchObject({ message: expect.stringContaining("the namespace is being deleted") });
  });

  test("a missing right comes with the command that prints it", async () => {
    const error = await refusal((_request, response) => replay(response, "list-pods-403"));
    expect(error).toMatchObject({ hint: expect.stringContaining("aftershock rbac"), retryable: false });
  });

  test("410 is gone, so that a list or watch begins again", async () => {
    const body = JSON.stringify({
      kind: "Status",
      status: "Failure",
      reason: "Expired",
      message: "too old",
      code: 410,
    });
    expect(await refusal(send(410, body))).toMatchObject({ code: "cluster-gone" });
  });

  test("429 without a budget in it is the server's own flow control, with the wait that it asks for", async () => {
    const handler = send(429, "Too many requests, please try again later.\n", {
      "content-type": "text/plain",
      "retry-after": "3",
    });
    expect(await refusal(handler)).toMatchObject({ code: "cluster-throttled", retryable: true, retryAfterMs: 3_000 });
  });

  test.each([500, 502, 503, 504])("%i may be tried again", async (status) => {
    expect(await refusal(send(status, "upstream is ill"))).toMatchObject({
      code: "cluster-unavailable",
      retryable: true,
    });
  });

  test("400 may not", async () => {
    expect(await refusal(send(400, "{}"))).toMatchObject({ code: "cluster-unavailable", retryable: false });
  });
});

describe("what silence means", () => {
  test("a server that hangs is unavailable once the time is over", async () => {
    const error = await refusal(() => undefined, 30);
    expect(error).toMatchObject({
      code: "cluster-unavailable",
      retryable: true,
      message: expect.stringContaining("did not answer in time"),
    });
    expect(wasNeverSent(error)).toBe(false);
  });

  test("a server that hangs in the middle of its answer is, too", async () => {
    const error = await refusal((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"items":[');
    }, 30);
    expect(error).toMatchObject({ code: "cluster-unavailable", retryable: true });
  });

  test("a socket that is closed without an answer cannot be told from one closed after the work", async () => {
    const error = await refusal((request) => void request.socket.destroy());
    expect(error).toMatchObject({ code: "cluster-unavailable", retryable: true });
    expect(wasNeverSent(error)).toBe(false);
  });

  test("a socket that is closed in the middle of the answer is unavailable", async () => {
    const error = await refusal((_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write('{"items":[', () => void response.socket?.destroy());
    });
    expect(error).toMatchObject({ code: "cluster-unavailable", retryable: true });
  });

  test("a server that is not there never saw the request", async () => {
    const served = await serve(() => undefined);
    const { client } = served;
    await served[Symbol.asyncDispose]();
    const error: unknown = await listPods(client).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: "cluster-unavailable",
      retryable: true,
      message: expect.stringContaining("cannot reach"),
    });
    expect(wasNeverSent(error)).toBe(true);
    await client.close();
  });

  test.each([
    { name: "half a JSON text", body: '{"items": [', type: "application/json" },
    { name: "no content type", body: "{}", type: "" },
  ])("an answer that is not Kubernetes' ($name) is said to be that", async ({ body, type }) => {
    const error = await refusal(
      (_request, response) => void response.writeHead(200, type === "" ? {} : { "content-type": type }).end(body),
    );
    expect(error).toMatchObject({ code: "cluster-unavailable", hint: expect.stringContaining("login page") });
  });

  test("whoever aborts gets the reason back, not an error about the server", async () => {
    await using served = await serve(() => undefined);
    const reason = new Error("halted");
    const controller = new AbortController();
    const pending = listPods(served.client, controller.signal);
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
  });
});
