import { objectPath } from "../../../../src/adapters/kubernetes/client/paths.ts";
import { eventRecorder } from "../../../../src/adapters/kubernetes/events/events.ts";
import { NAMESPACE, quiet, scenery } from "../support/lab.ts";
import { orderOf, pause, type Recorder } from "./recorder.ts";

/** Deletions and evictions that succeed, that come too late, and that a budget refuses. */
export async function recordPodFaults({
  reader,
  injector,
  client,
  admin,
  of,
  save,
  repeaters,
  signal,
}: Recorder): Promise<void> {
  const [first] = await repeaters();
  await injector.inject(
    orderOf({ kind: "pod-delete" }, { ...first, uid: "00000000-0000-0000-0000-000000000000" }),
    signal,
  );
  save("delete-pod-409-uid", of("DELETE", "/pods/", 409));
  const order = orderOf({ kind: "pod-delete" }, first);
  await injector.inject(order, signal);
  save("delete-pod-200", of("DELETE", "/pods/", 200));
  await injector.wasDone(order, signal);
  save("get-pod-terminating", of("GET", `/pods/${first.name}`, 200));
  await eventRecorder(client, "record", quiet).injected(order, Date.now(), signal);
  save("create-event", of("POST", "/events", 201));
  const event = objectPath("events", NAMESPACE, "aftershock-record-pod-delete");
  await admin.request({ method: "DELETE", path: event }, signal);

  const [second] = await repeaters();
  await using stage = scenery();
  await stage.make({
    ...{ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "repeater", namespace: NAMESPACE } },
    ...{ spec: { minAvailable: 2, selector: { matchLabels: { app: "repeater" } } } },
  });
  await pause(1_500);
  await reader.snapshot([NAMESPACE], signal);
  save("list-poddisruptionbudgets", of("GET", "/poddisruptionbudgets?limit=500", 200));
  await injector.inject(orderOf({ kind: "pod-evict" }, second), signal);
  save("evict-pod-429-budget", of("POST", "/eviction", 429));
  await stage[Symbol.asyncDispose]();
  await pause(1_000);
  await injector.inject(orderOf({ kind: "pod-evict" }, second), signal);
  save("evict-pod-201", of("POST", "/eviction", 201));
  const [third] = await repeaters();
  await injector.inject(orderOf({ kind: "pod-kill" }, third), signal);
  save("kill-pod-200", of("DELETE", "/pods/", 200));
  await injector.inject(orderOf({ kind: "pod-kill" }, third), signal);
  save("delete-pod-404", of("DELETE", "/pods/", 404));
}
