import { objectPath } from "../../../../src/adapters/kubernetes/client/paths.ts";
import { kubernetesLease } from "../../../../src/adapters/kubernetes/lease/lease.ts";
import { clock, NAMESPACE } from "../support/lab.ts";
import type { Recorder } from "./recorder.ts";

/** A lease that is taken, contested, annotated, halted and released. */
export async function recordLease({ client, admin, of, save, signal }: Recorder): Promise<void> {
  const at = { namespace: NAMESPACE, name: "aftershock" };
  const replica = (identity: string) => kubernetesLease(client, { ...at, identity, durationMs: 15_000 }, clock);
  const [ours, theirs, late] = [replica("worker-a"), replica("worker-b"), replica("worker-c")];
  const path = objectPath("leases", at.namespace, at.name);
  const remove = () => admin.request({ method: "DELETE", path }, signal);
  const hold = await ours.hold(signal);
  save("get-lease-404", of("GET", "/leases/", 404));
  save("create-lease", of("POST", "/leases", 201));
  await theirs.hold(signal);
  save("get-lease", of("GET", "/leases/", 200));
  await ours.noteIntent(hold!, { experimentId: "record-1", t0Ms: Date.now(), target: "pod go-app/repeater" }, signal);
  save("update-lease", of("PUT", "/leases/", 200));
  await theirs.halt({ why: "rehearsal", by: "somebody", atMs: Date.now() }, signal);
  save("patch-lease-halt", of("PATCH", "/leases/", 200));
  await ours.hold(signal);
  save("update-lease-409", of("PUT", "/leases/", 409));
  await theirs.resume(signal);
  save("patch-lease-resume", of("PATCH", "/leases/", 200));
  await ours.release(signal);
  await remove();
  // Three that find no lease at the same time all try to make it.
  await Promise.all([ours, theirs, late].map((one) => one.hold(signal)));
  save("create-lease-409", of("POST", "/leases", 409));
  await remove();
  await theirs.resume(signal);
  save("patch-lease-404", of("PATCH", "/leases/", 404));
}
