import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { type ApiRequest, describeRequest } from "../../../../src/adapters/kubernetes/client/request.ts";
import { conflicts, isListed, type Json, mergePatch, type Stored } from "../../../support/kube-objects.ts";
import { answerJson, replay, type Served, serve } from "./serve.ts";

/** Objects behind the API's own rules for versions, uids and names; no controllers. */
export interface TinyApi extends Served {
  /** Puts an object under its path, as a person with kubectl would. */
  put(path: string, object: Json): void;
  get(path: string): Stored | undefined;
  remove(path: string): void;
  /**
   * Called before each request; what it answers is sent instead: a recorded answer by name, or a
   * Status.
   */
  intercept(hook: Hook | null): void;
}

type Hook = (request: ApiRequest) => string | Refused | undefined;

/**
 * What is sent instead: a refusal in the server's own words. `drop`: the connection ends without an
 * answer.
 */
export interface Refused {
  readonly code: number;
  readonly message?: string;
  /** Sent instead of a Status. */
  readonly body?: object;
  readonly drop?: true;
}

/**
 * A store that speaks enough of the Kubernetes API for leases, pods, nodes and VirtualServices, on
 * loopback.
 */
export async function tinyApi(): Promise<TinyApi> {
  const objects = new Map<string, Stored>();
  let version = 100;
  let hook: Hook | null = null;
  const store = (path: string, object: Json): Stored => {
    const metadata = (object.metadata ?? {}) as Json;
    version += 1;
    const stored = {
      ...object,
      metadata: { name: path.split("/").at(-1)!, uid: randomUUID(), ...metadata, resourceVersion: String(version) },
    } as Stored;
    objects.set(path, stored);
    return stored;
  };

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? "/", "http://server");
    const request = describeRequest(incoming.method ?? "GET", url.href);
    const body = incoming.method === "GET" ? {} : ((await json(incoming).catch(() => ({}))) as Json);
    const instead = hook?.(request);
    if (typeof instead === "string") return replay(response, instead);
    if (instead?.drop === true) return void incoming.socket.destroy();
    if (instead !== undefined) {
      const { code, message, body = { kind: "Status", status: "Failure", message, code } } = instead;
      return answerJson(response, code, body);
    }
    const path = request.subresource === null ? url.pathname : url.pathname.slice(0, url.pathname.lastIndexOf("/"));
    const now = objects.get(path);
    if (request.verb === "list") return answerJson(response, 200, list(path, url.searchParams));
    if (request.verb === "create" && request.subresource === null) {
      const created = `${path}/${(body.metadata as Json).name as string}`;
      if (objects.has(created)) return refuse(response, 409, "AlreadyExists");
      return answerJson(response, 201, store(created, body));
    }
    if (now === undefined) return refuse(response, 404, "NotFound");
    if (request.verb === "get") return answerJson(response, 200, now);
    if (conflicts(now, body)) return refuse(response, 409, "Conflict");
    if (request.verb === "update") return answerJson(response, 200, store(path, body));
    if (request.verb === "patch") return answerJson(response, 200, store(path, mergePatch(now, body) as Json));
    return take(path, now, body, response);
  }

  /** A pod with a grace period stays, terminating; everything else goes at once. */
  function take(path: string, now: Stored, body: Json, response: ServerResponse): void {
    const graceful = path.includes("/pods/") && body.gracePeriodSeconds !== 0;
    if (graceful) store(path, mergePatch(now, { metadata: { deletionTimestamp: "2026-03-06T09:15:30Z" } }) as Json);
    else objects.delete(path);
    answerJson(response, 200, now);
  }

  const list = (path: string, query: URLSearchParams) => ({
    kind: "List",
    metadata: { resourceVersion: String(version) },
    items: [...objects]
      .filter(([at]) => at.startsWith(`${path}/`) && !at.slice(path.length + 1).includes("/"))
      .map(([, object]) => object)
      .filter((object) => isListed(object, query)),
  });

  const served = await serve((incoming, response) => {
    handle(incoming, response).catch((cause: unknown) =>
      answerJson(response, 500, { kind: "Status", message: String(cause) }),
    );
  });
  return Object.assign(served, {
    put: (path: string, object: Json) => void store(path, object),
    get: (path: string) => objects.get(path),
    remove: (path: string) => void objects.delete(path),
    intercept: (next: typeof hook) => {
      hook = next;
    },
  });
}

const refuse = (response: ServerResponse, code: number, reason: string): void =>
  answerJson(response, code, { kind: "Status", status: "Failure", reason, message: `refused: ${reason}`, code });
