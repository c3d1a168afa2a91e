import type { KubeObject, ObjectStore, WatchEvent } from "../cluster/object-store.ts";
import { selectorTest, single } from "./lists.ts";
import { apiVersion, type Target } from "./resources.ts";
import { StatusError } from "./status.ts";

/** Servers end a watch after a time of their own when the client does not say. */
const DEFAULT_TIMEOUT_S = 1_800;
/** Pause between bookmarks, ms of real time. */
const BOOKMARK_MS = 20_000;

/** A stream of changes, one JSON object a line, from `resourceVersion` on. @throws StatusError */
export function watchObjects(store: ObjectStore, target: Target, params: URLSearchParams): ReadableStream<Uint8Array> {
  const { resource, namespace } = target;
  const wanted = selectorTest(params);
  const from = versionOf(params.get("resourceVersion"));
  const past = from === 0 ? current(store, target) : store.since(from);
  const encoder = new TextEncoder();
  let stop = (): void => undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (type: string, object: object): void =>
        controller.enqueue(encoder.encode(`${JSON.stringify({ type, object })}\n`));
      if (past === null) {
        send("ERROR", tooOld(from, store.oldestVersion));
        controller.close();
        return;
      }
      const tell = (event: WatchEvent): void => {
        const { object } = event;
        if (event.resource !== resource.resource || !wanted(object)) return;
        if (namespace === undefined || object.metadata.namespace === namespace)
          send(event.type, single(resource, object));
      };
      for (const event of past) tell(event);
      const stopListening = store.listen(tell);
      const bookmark = (): void =>
        send("BOOKMARK", {
          kind: resource.kind,
          apiVersion: apiVersion(resource),
          metadata: { resourceVersion: String(store.version), creationTimestamp: null },
        });
      const bookmarks = params.get("allowWatchBookmarks") === "true" ? setInterval(bookmark, BOOKMARK_MS) : undefined;
      const seconds = Number(params.get("timeoutSeconds") ?? 0) || DEFAULT_TIMEOUT_S;
      const end = setTimeout(() => {
        stop();
        controller.close();
      }, seconds * 1_000);
      stop = () => {
        stopListening();
        clearInterval(bookmarks);
        clearTimeout(end);
      };
    },
    cancel() {
      stop();
    },
  });
}

/** Without a version, a watch begins with what there is. */
const current = (store: ObjectStore, { resource, namespace }: Target): WatchEvent[] =>
  store.list(resource.resource, namespace).map(
    (object: KubeObject): WatchEvent => ({
      type: "ADDED",
      version: store.version,
      resource: resource.resource,
      object,
    }),
  );

function versionOf(version: string | null): number {
  if (version === null || version === "") return 0;
  if (/^\d+$/.test(version)) return Number(version);
  const problem = `strconv.ParseUint: parsing "${version}": invalid syntax`;
  throw new StatusError(500, null, `resourceVersion: Invalid value: "${version}": ${problem}`);
}

const tooOld = (version: number, oldest: number): object =>
  new StatusError(410, "Expired", `too old resource version: ${version} (${oldest})`).status;
