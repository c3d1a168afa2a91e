import { type Context, Hono } from "hono";
import type { Cluster } from "../cluster/cluster.ts";
import { KUBERNETES_VERSION } from "../cluster/cluster-objects.ts";
import { patchDeployment } from "./deployments.ts";
import { createEvent } from "./events.ts";
import { createLease, patchLease, updateLease } from "./leases.ts";
import { getObject, listObjects, single } from "./lists.ts";
import { deletePod, evictPod } from "./pods.ts";
import { parsePath, type Target } from "./resources.ts";
import { reviewAccess } from "./reviews.ts";
import { methodNotAllowed, noSuchResource, StatusError, unsupportedMediaType } from "./status.ts";
import { watchObjects } from "./watch.ts";

/**
 * The part of the Kubernetes API that Aftershock uses, over plain HTTP, without authentication:
 * what fixtures/kubernetes/calls.txt lists, and the PATCH of `kubectl rollout restart`. Everything
 * else is refused as an API server refuses what it does not have. `uid` makes a new one for each
 * object that a client creates.
 */
export function kubernetesApi(cluster: Cluster, uid: () => string): Hono {
  const app = new Hono();
  app.get("/version", (c) =>
    c.json({ major: "1", minor: "33", gitVersion: KUBERNETES_VERSION, platform: "linux/amd64" }),
  );
  for (const path of ["/healthz", "/livez", "/readyz"]) app.get(path, (c) => c.text("ok"));
  app.all("*", async (c) => {
    try {
      const target = parsePath(c.req.path);
      if (target === "unknown-api") return c.text("404 page not found\n", 404);
      if (target === "unknown-resource") throw noSuchResource();
      return await answer(c, cluster, target, uid);
    } catch (cause) {
      if (!(cause instanceof StatusError)) throw cause;
      return json(cause.status, cause.status.code);
    }
  });
  return app;
}

const json = (body: object, status: number): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

async function answer(c: Context, cluster: Cluster, target: Target, uid: () => string): Promise<Response> {
  const params = new URL(c.req.url).searchParams;
  const { resource, name, subresource } = target;
  if (c.req.method === "GET" && subresource === undefined && resource.resource !== "selfsubjectaccessreviews") {
    return read(cluster, target, params);
  }
  const text = await c.req.text();
  const call = `${c.req.method} ${resource.resource}${name === undefined ? "" : "/NAME"}${subresource === undefined ? "" : `/${subresource}`}`;
  switch (call) {
    case "DELETE pods/NAME":
      return json(deletePod(cluster, target, text, params), 200);
    case "POST pods/NAME/eviction":
      return json(evictPod(cluster, target, text), 201);
    case "POST leases":
      return reply(createLease(cluster, target, text, uid));
    case "PUT leases/NAME":
      return reply(updateLease(cluster, target, text, uid));
    case "PATCH leases/NAME":
      demandPatch(c, MERGE);
      return reply(patchLease(cluster, target, text));
    case "PATCH deployments/NAME":
      demandPatch(c, MERGE, STRATEGIC);
      return json(patchDeployment(cluster, target, text), 200);
    case "POST events":
      return reply(createEvent(cluster, target, text, uid));
    case "POST selfsubjectaccessreviews":
      return json(reviewAccess(resource, text), 201);
    default:
      throw methodNotAllowed();
  }
}

const reply = ({ code, body }: { readonly code: number; readonly body: object }): Response => json(body, code);

function read(cluster: Cluster, target: Target, params: URLSearchParams): Response {
  if (target.name !== undefined) return json(single(target.resource, getObject(cluster.store, target)), 200);
  if (params.get("watch") !== "true" && params.get("watch") !== "1") {
    return json(listObjects(cluster.store, target, params), 200);
  }
  const stream = watchObjects(cluster.store, target, params);
  return new Response(stream, { headers: { "content-type": "application/json" } });
}

const MERGE = "application/merge-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";

function demandPatch(c: Context, ...types: readonly string[]): void {
  const type = (c.req.header("content-type") ?? "").split(";")[0]!.trim();
  if (!types.includes(type)) throw unsupportedMediaType();
}
