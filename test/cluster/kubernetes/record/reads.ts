import { kubernetesReader } from "../../../../src/adapters/kubernetes/read/reader.ts";
import { clock, NAMESPACE, scenery } from "../support/lab.ts";
import { pause, type Recorder } from "./recorder.ts";

const LISTS = [
  "pods",
  "services",
  "deployments",
  "replicasets",
  "statefulsets",
  "daemonsets",
  "horizontalpodautoscalers",
];
const PODS = {
  metadata: { labels: { "sidecar.istio.io/inject": "false", app: "record" } },
  spec: { nodeSelector: { nowhere: "at-all" }, containers: [{ name: "a", image: "none" }] },
};

/**
 * Snapshot, one pod, what may be done; then again with a Job and a StatefulSet, for which more is
 * read.
 */
export async function recordReads({ reader, client, of, save, repeaters, signal, proxy }: Recorder): Promise<void> {
  const [first] = await repeaters();
  await reader.snapshot([NAMESPACE], signal);
  await reader.namespaces(signal);
  for (const list of LISTS) save(`list-${list}`, of("GET", `/${list}?limit=500`, 200));
  save("list-nodes", of("GET", "/nodes?limit", 200));
  save("list-namespaces", of("GET", "/api/v1/namespaces?limit", 200));
  save(
    "get-namespace",
    proxy.exchanges.findLast((one) => one.url === `/api/v1/namespaces/${NAMESPACE}`),
  );
  await kubernetesReader(client, clock).pod(first, signal);
  save("get-pod", of("GET", `/pods/${first.name}`, 200));
  save("get-replicaset", of("GET", "/replicasets/", 200));
  await reader.pod({ namespace: NAMESPACE, name: "nobody" }, signal);
  save("get-pod-404", of("GET", "/pods/nobody", 404));
  await reader.mayI([{ verb: "delete", group: "", resource: "pods", namespace: NAMESPACE }], signal);
  save("selfsubjectaccessreview", of("POST", "selfsubjectaccessreviews", 201));

  await using stage = scenery();
  const metadata = { name: "record", namespace: NAMESPACE };
  const job = { template: { ...PODS, spec: { ...PODS.spec, restartPolicy: "Never" } } };
  const set = { serviceName: "record", selector: { matchLabels: { app: "record" } }, template: PODS };
  await stage.make({ apiVersion: "batch/v1", kind: "Job", metadata, spec: job } as object);
  await stage.make({ apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec: set } as object);
  await pause(1_500);
  const { pods } = await reader.snapshot([NAMESPACE], signal);
  for (const list of ["jobs", "controllerrevisions"]) save(`list-${list}`, of("GET", `/${list}?limit=500`, 200));
  save("list-statefulsets-one", of("GET", "/statefulsets?limit=500", 200));
  await kubernetesReader(client, clock).pod(pods.find((pod) => pod.workload.kind === "Job")!, signal);
  save("get-job", of("GET", "/jobs/", 200));
}
