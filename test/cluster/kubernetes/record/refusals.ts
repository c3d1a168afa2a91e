import { loadKubeconfig } from "../../../../src/adapters/kubernetes/client/kubeconfig.ts";
import { kubernetesInjector } from "../../../../src/adapters/kubernetes/faults/injector.ts";
import { kubernetesReader } from "../../../../src/adapters/kubernetes/read/reader.ts";
import { clientAt, clock, NAMESPACE, quiet, REPEATER } from "../support/lab.ts";
import { recordingProxy } from "../support/recording-proxy.ts";
import { orderOf, type Recorder } from "./recorder.ts";

/** A user without rights, a token that nobody knows, and a watch from a time that is forgotten. */
export async function recordRefusals({ proxy, client, of, save, repeaters, signal }: Recorder): Promise<void> {
  const [pod] = await repeaters();
  await using nobody = clientAt({ server: proxy.url, user: { as: "nobody" } });
  const refused = (done: Promise<unknown>) => done.catch(() => undefined);
  await refused(kubernetesReader(nobody, clock).podsOf(REPEATER, signal));
  save("list-pods-403", of("GET", "/pods?limit", 403));
  await kubernetesInjector(nobody, clock, quiet).inject(orderOf({ kind: "pod-delete" }, pod), signal);
  save("delete-pod-403", of("DELETE", "/pods/", 403));

  const config = loadKubeconfig({});
  config.users = config.users.map(({ name }) => ({ name, token: "not-a-token" }));
  const locked = await recordingProxy(config);
  await using stranger = clientAt({ server: locked.url });
  await refused(kubernetesReader(stranger, clock).podsOf(REPEATER, signal));
  save("list-pods-401", locked.exchanges[0]);
  await locked.close();

  const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
  const body = await client.stream(path, { watch: "true", resourceVersion: "1" }, signal);
  await new Response(body).text();
  save("watch-pods-410", of("GET", "resourceVersion=1", 200));
}
