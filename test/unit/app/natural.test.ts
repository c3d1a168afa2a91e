import { expect, test } from "vitest";
import { consider, watchLosses } from "../../../src/app/watch-losses.ts";
import type { PodLoss } from "../../../src/core/experiment/loss.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { bench, type World, world } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";

const never = new AbortController().signal;

/** The cluster after one pod of `name` was lost: another one took its place. */
function lose(the: World, name: string): PodLoss {
  const pod = the.cluster.pods.find((one) => one.workload.name === name)!;
  const young = {
    ...pod,
    name: `${pod.name}-2`,
    uid: `${pod.uid}-2`,
    createdAtMs: T0,
    readySinceMs: T0 + 20 * SECOND_MS,
  };
  the.cluster = { ...the.cluster, pods: the.cluster.pods.map((one) => (one === pod ? young : one)) };
  return { what: "evicted", pod };
}

/** A bench beside whose one planned experiment only natural ones happen. */
async function watching(the: World) {
  const run = await bench(the);
  the.halted = true;
  await run.step();
  const woken: string[] = [];
  const queue = {
    wake: async (key: string) => void woken.push(key),
    start: async () => undefined,
    close: async () => undefined,
  };
  return { run, woken, deps: { ...run.deps, queue, podWatch: { follow: async () => undefined } } };
}

test("a pod that was evicted by somebody else is observed, judged and told like an injected one", async () => {
  const the = world();
  the.failureShare = (_service, atMs) => (atMs >= T0 ? 0.5 : 0);
  const { run, woken, deps } = await watching(the);
  await consider(deps, lose(the, "go-app"), never);
  const id = "natural-go-app-go-app-20260306T090000Z";
  expect(woken).toEqual([`experiment/${id}`]);
  await run.play(T0 + HOUR_MS, id);
  expect((await run.kinds(id)).slice(0, 6)).toEqual([
    "planned",
    "happened",
    "cleared",
    "judged",
    "diagnosed",
    "notified",
  ]);
  expect(the.orders).toHaveLength(0);
  expect(the.notices[0]?.summary).toContain("A pod of go-app was evicted, not by Aftershock at ");
});

test("two losses of one workload are one experiment, also in two replicas", async () => {
  const the = world();
  const { run, deps } = await watching(the);
  const loss = lose(the, "go-app");
  await consider(deps, loss, never);
  await consider({ ...deps }, loss, never);
  await consider(deps, lose(the, "go-app"), never);
  expect(run.journal.entries().filter((one) => one.event.kind === "planned")).toHaveLength(2);
});

test("our own victim is not mistaken for a natural loss", async () => {
  const the = world();
  const run = await bench(the);
  const queue = { wake: async () => undefined, start: async () => undefined, close: async () => undefined };
  await run.step();
  const pod = the.cluster.pods.find((one) => one.uid === the.orders[0]?.target.pods[0]?.uid)!;
  await consider({ ...run.deps, queue, podWatch: { follow: async () => undefined } }, { what: "deleted", pod }, never);
  expect(run.journal.entries().filter((one) => one.event.kind === "planned")).toHaveLength(1);
});

test("a container that begins again is whole when its pod is Ready again", async () => {
  const the = world();
  const { run, deps } = await watching(the);
  const pod = the.cluster.pods.find((one) => one.workload.name === "go-app")!;
  await consider(deps, { what: "restarted", pod }, never);
  const id = "natural-go-app-go-app-20260306T090000Z";
  const again = { ...pod, readySinceMs: T0 + 30 * SECOND_MS, restarts: 1 };
  the.cluster = { ...the.cluster, pods: the.cluster.pods.map((one) => (one === pod ? again : one)) };
  await run.play(T0 + 2 * MINUTE_MS, id);
  expect(await run.deps.book.experiment(id)).toMatchObject({ clearMs: T0 + MINUTE_MS, clearHow: "replaced" });
});

test("the namespaces of the policies are followed, protected ones only by their full name, and again when they change", async () => {
  const the = world();
  const { run, deps } = await watching(the);
  const followed: (readonly string[])[] = [];
  const stop = new AbortController();
  const follow = async (names: readonly string[]) => {
    followed.push(names);
    if (followed.length === 2) stop.abort();
  };
  const settings = run.deps.settings();
  const reach = (namespaces: string[]) => ({
    ...settings,
    policies: settings.policies.map((one) => ({ ...one, target: { ...one.target, namespaces } })),
  });
  let asked = 0;
  const changing = {
    ...deps,
    podWatch: { follow },
    cluster: { ...deps.cluster, namespaces: async () => ["go-app", "kube-system"] },
    settings: () => reach(asked++ === 0 ? ["*"] : ["go-app", "kube-system"]),
  };
  await watchLosses(changing, stop.signal);
  expect(followed).toEqual([["go-app"], ["go-app", "kube-system"]]);
});
