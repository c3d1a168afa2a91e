import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { connect } from "../../../src/adapters/kubernetes/client/client.ts";
import { loadKubeconfig } from "../../../src/adapters/kubernetes/client/kubeconfig.ts";
import { kubernetesInjector } from "../../../src/adapters/kubernetes/faults/injector.ts";
import { type PodChange, watchPods } from "../../../src/adapters/kubernetes/follow/watch.ts";
import { clientAt, clock, deadline, eventually, log, NAMESPACE, orderFor, readyRepeaters } from "./support/lab.ts";
import { recordingProxy } from "./support/recording-proxy.ts";

test("a watch whose connection breaks again and again sees every pod go and come", async () => {
  const config = loadKubeconfig({});
  const proxy = await recordingProxy(config);
  await using broken = clientAt({ server: proxy.url });
  await using client = connect();
  const changes: PodChange[] = [];
  const stop = new AbortController();
  let troubles = 0;
  const watched = watchPods(
    broken,
    [NAMESPACE],
    { pod: (change) => void changes.push(change), trouble: () => void troubles++ },
    stop.signal,
  );
  const injector = kubernetesInjector(client, clock, log);
  const gone: string[] = [];
  for (let round = 0; round < 3; round++) {
    const [pod] = await readyRepeaters(client);
    gone.push(pod.uid);
    await injector.inject(orderFor({ kind: "pod-delete" }, [pod]), deadline());
    for (let cut = 0; cut < 4; cut++) {
      await wait(150);
      proxy.cut();
    }
  }
  const last = await readyRepeaters(client);
  await eventually(async () =>
    gone.every((uid) => changes.some(({ kind, pod }) => kind === "deleted" && pod.uid === uid)),
  );
  await eventually(async () => last.every(({ uid }) => changes.some(({ pod }) => pod.uid === uid && pod.ready)));
  stop.abort();
  await watched;
  await proxy.close();
  const twice = changes.filter(({ kind }) => kind !== "changed").map(({ kind, pod }) => `${kind} ${pod.uid}`);
  expect(new Set(twice).size).toBe(twice.length);
  expect(troubles).toBeGreaterThan(0);
});
