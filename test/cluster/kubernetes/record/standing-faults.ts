import { NAMESPACE, scenery } from "../support/lab.ts";
import { orderOf, type Recorder } from "./recorder.ts";

const SECONDS = { durationMs: 60_000 };

/** Cordons and faults in VirtualServices, put up and taken down. */
export async function recordStandingFaults({ reader, injector, of, save, repeaters, signal }: Recorder): Promise<void> {
  for (const fault of [
    { kind: "node-drain", ...SECONDS },
    { kind: "zone-outage", ...SECONDS },
  ] as const) {
    const [pod] = await repeaters();
    const { nodes } = await reader.snapshot([], signal);
    const order = orderOf(fault, pod, nodes.find((node) => node.name === pod.node)?.zone ?? null);
    await injector.inject(order, signal);
    save("get-node", of("GET", `/nodes/${pod.node}`, 200));
    save("patch-node-cordon", of("PATCH", "/nodes/", 200));
    await injector.undo(order, signal);
    save("patch-node-uncordon", of("PATCH", "/nodes/", 200));
  }
  const [pod] = await repeaters();
  const abort = orderOf({ kind: "http-abort", ...SECONDS, httpStatus: 503, percent: 1 }, pod);
  await injector.inject(abort, signal);
  save("create-virtualservice", of("POST", "/virtualservices", 201));
  await injector.undo(abort, signal);
  save("list-virtualservices-fault", of("GET", "/virtualservices?labelSelector", 200));
  save("delete-virtualservice-200", of("DELETE", "/virtualservices/", 200));

  await using stage = scenery();
  const http = [{ timeout: "5s", route: [{ destination: { host: "repeater" } }] }];
  const metadata = { name: "repeater", namespace: NAMESPACE };
  const spec = { hosts: ["repeater"], http };
  await stage.make({ apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata, spec } as object);
  const delay = orderOf({ kind: "http-delay", ...SECONDS, delayMs: 10, percent: 1 }, pod);
  await injector.inject(delay, signal);
  save("list-virtualservices", of("GET", "/virtualservices", 200));
  save("patch-virtualservice-fault", of("PATCH", "/virtualservices/", 200));
  await injector.undo(delay, signal);
  save("get-virtualservice", of("GET", "/virtualservices/", 200));
  save("patch-virtualservice-undo", of("PATCH", "/virtualservices/", 200));
}
