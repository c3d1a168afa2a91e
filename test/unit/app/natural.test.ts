import { describe, expect, test } from "vitest";
import type { AdvanceDeps } from "../../../src/app/experiment/advance.ts";
import { type ConsiderDeps, considerAll } from "../../../src/app/natural/consider.ts";
import { watchLosses } from "../../../src/app/natural/watch-losses.ts";
import type { PodLoss } from "../../../src/core/experiment/loss.ts";
import type { SeenSignal } from "../../../src/core/experiment/node-loss.ts";
import type { Pod } from "../../../src/core/model/cluster.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import type { TellLoss } from "../../../src/ports/pod-watch.ts";
import { type Bench, bench, type World, world } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";
import { shippedRules } from "../../support/rules.ts";

const never = new AbortController().signal;
/** A loss that was noticed at once, by a watch that knew nothing before. */
const noticed = (loss: PodLoss) => ({ signals: [{ ...loss, atMs: T0 }], known: [] });
const consider = (deps: ConsiderDeps, loss: PodLoss): Promise<void> => considerAll(deps, noticed(loss), never);

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
async function watching(the: World, rules: AdvanceDeps["rules"] = []) {
  const run = await bench(the);
  the.halted = true;
  await run.step();
  const woken: string[] = [];
  const queue = {
    wake: async (key: string) => void woken.push(key),
    start: async () => undefined,
    close: async () => undefined,
  };
  Object.assign(run.deps, { rules });
  return { run, woken, deps: { ...run.deps, queue, podWatch: { follow: async () => undefined } } };
}

test("a pod that was evicted by somebody else is observed, judged and told like an injected one", async () => {
  const the = world();
  the.failureShare = (_service, atMs) => (atMs >= T0 ? 0.5 : 0);
  const { run, woken, deps } = await watching(the);
  await consider(deps, lose(the, "go-app"));
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
  expect(the.notices[0]?.summary).toMatch(/^A pod of go-app was evicted at .*, not by Aftershock\. /);
});

test("two losses of one workload are one experiment, also in two replicas", async () => {
  const the = world();
  const { run, deps } = await watching(the);
  const loss = lose(the, "go-app");
  await consider(deps, loss);
  await consider({ ...deps }, loss);
  await consider(deps, lose(the, "go-app"));
  expect(run.journal.entries().filter((one) => one.event.kind === "planned")).toHaveLength(2);
});

test("our own victim is not mistaken for a natural loss", async () => {
  const the = world();
  const run = await bench(the);
  const queue = { wake: async () => undefined, start: async () => undefined, close: async () => undefined };
  await run.step();
  const pod = the.cluster.pods.find((one) => one.uid === the.orders[0]?.target.pods[0]?.uid)!;
  await consider({ ...run.deps, queue }, { what: "deleted", pod });
  expect(run.journal.entries().filter((one) => one.event.kind === "planned")).toHaveLength(1);
});

test("a container that begins again is whole when its pod is Ready again", async () => {
  const the = world();
  const { run, deps } = await watching(the);
  const pod = the.cluster.pods.find((one) => one.workload.name === "go-app")!;
  await consider(deps, { what: "restarted", pod });
  const id = "natural-go-app-go-app-20260306T090000Z";
  const again = { ...pod, readySinceMs: T0 + 30 * SECOND_MS, restarts: 1 };
  the.cluster = { ...the.cluster, pods: the.cluster.pods.map((one) => (one === pod ? again : one)) };
  await run.play(T0 + 2 * MINUTE_MS, id);
  expect(await run.deps.book.experiment(id)).toMatchObject({ clearMs: T0 + MINUTE_MS, clearHow: "replaced" });
});

describe("a node that dies by itself", () => {
  const ID = "natural-node-node-a-20260306T090000Z";

  /** Everything runs on node-a, which falls silent; the watch tells of every pod. */
  function fallSilent(the: World): readonly SeenSignal[] {
    const pods = the.cluster.pods.map((pod) => ({ ...pod, node: "node-a" }));
    const nodes = the.cluster.nodes.map((node) => ({ ...node, ready: node.name !== "node-a" }));
    the.cluster = { ...the.cluster, nodes, pods: pods.map((pod) => ({ ...pod, ready: false })) };
    return pods.map((pod) => ({ what: "unready" as const, pod, atMs: T0 + MINUTE_MS }));
  }

  test("is one experiment on all services behind its pods, judged and told like an injected one", async () => {
    const the = world();
    the.failureShare = (_service, atMs) => (atMs >= T0 + MINUTE_MS ? 0.5 : 0);
    const { run, woken, deps } = await watching(the);
    await considerAll(deps, { signals: fallSilent(the), known: [] }, never);
    expect(woken).toEqual([`experiment/${ID}`]);
    await run.play(T0 + 2 * HOUR_MS, ID);
    const state = await run.deps.book.experiment(ID);
    expect(state).toMatchObject({ t0Ms: T0 + 10 * SECOND_MS, clearHow: "late", judgement: { headline: "persistent" } });
    expect(state.choice?.target.services).toHaveLength(3);
    expect(the.notices[0]?.summary).toMatch(/^Node node-a was lost with 5 pods at .*, not by Aftershock\. /);
  });

  test("is over when its pods are back elsewhere, though the old ones never end", async () => {
    const the = world();
    const { run, deps } = await watching(the);
    await considerAll(deps, { signals: fallSilent(the), known: [] }, never);
    const old = the.cluster.pods.map((pod) => ({ ...pod, terminating: true }));
    const young = old.map((pod) => ({
      ...pod,
      ...{ name: `${pod.name}-2`, uid: `${pod.uid}-2`, node: "node-b", terminating: false, ready: true },
      ...{ createdAtMs: T0 + 6 * MINUTE_MS, readySinceMs: T0 + 7 * MINUTE_MS },
    }));
    the.cluster = { ...the.cluster, pods: [...old, ...young] };
    run.clock.moveTo(T0 + 8 * MINUTE_MS);
    await run.step(ID);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ clearHow: "replaced" });
  });

  test("makes no second one in another replica, nor of the pods that are deleted minutes later", async () => {
    const the = world();
    const { run, deps } = await watching(the);
    const signals = fallSilent(the);
    await considerAll(deps, { signals, known: [] }, never);
    await considerAll({ ...deps }, { signals, known: [] }, never);
    await considerAll(
      deps,
      { signals: signals.map((one) => ({ ...one, what: "evicted", atMs: T0 + 5 * MINUTE_MS })), known: [] },
      never,
    );
    expect(naturalOnes(run)).toEqual([ID]);
  });

  test("is nothing while the node is Ready: its pods are only unready", async () => {
    const the = world();
    const { run, deps } = await watching(the);
    const signals = fallSilent(the);
    the.cluster = { ...the.cluster, nodes: the.cluster.nodes.map((node) => ({ ...node, ready: true })) };
    await considerAll(deps, { signals, known: [] }, never);
    expect(naturalOnes(run)).toEqual([]);
  });
});

describe("the diagnosis of a failure that happened by itself is as whole as of one that was injected", () => {
  const ID = "natural-go-app-go-app-db-20260306T090000Z";
  const STALE = "stale-connection:Deployment:go-app:go-app";
  const SINGLE = "single-point-of-failure:Deployment:go-app:go-app-db";

  const changePods = (the: World, name: string, change: (pod: Pod) => Pod): void => {
    const pods = the.cluster.pods.map((pod) => (pod.workload.name === name ? change(pod) : pod));
    the.cluster = { ...the.cluster, pods };
  };
  const fingerprints = async (run: Bench, id: string) =>
    (await run.deps.book.experiment(id)).findings.map((one) => one.fingerprint);
  const failing = (the: World): void => {
    the.failureShare = (service, atMs) => (service.includes("go-app") && atMs >= T0 ? 0.5 : 0);
  };

  test("of a database pod that was deleted: stale connection, single point of failure, and the command", async () => {
    const the = world();
    failing(the);
    const { run, deps } = await watching(the, shippedRules());
    const known = the.cluster.pods;
    const seen = { ...lose(the, "go-app-db"), what: "deleted" as const, atMs: T0 };
    run.clock.moveTo(T0 + 15 * SECOND_MS);
    await considerAll(deps, { signals: [seen], known }, never);
    await run.play(T0 + HOUR_MS, ID);
    expect(await fingerprints(run, ID)).toEqual(expect.arrayContaining([STALE, SINGLE]));
    const [stale] = (await run.deps.book.experiment(ID)).findings;
    expect(stale?.advice.now).toBe("kubectl rollout restart deployment go-app -n go-app");
    expect(JSON.stringify(stale)).toContain("go-app-db was replaced and Ready again after 20 s");

    const curedMs = run.clock.nowMs();
    const bornMs = curedMs - 5 * SECOND_MS;
    the.failureShare = (service, atMs) => (service === "go-app/go-app" && atMs >= T0 && atMs < curedMs ? 0.5 : 0);
    const restartedAt = (pod: Pod): Pod => ({
      ...pod,
      ...{ name: `${pod.name}-new`, uid: `${pod.uid}-new`, createdAtMs: bornMs, readySinceMs: bornMs },
    });
    changePods(the, "go-app", restartedAt);
    await run.play(T0 + 3 * HOUR_MS, ID);
    const events = (await run.journal.read(`experiment/${ID}`)).map(({ event }) => event);
    expect(events.find((one) => one.kind === "recovered")).toMatchObject({
      cure: "a restart of every pod of Deployment go-app/go-app",
    });
  });

  test("of a pod that crashed with the loss, before anybody looked: it is not taken for one that never changed", async () => {
    const the = world();
    failing(the);
    const { run, deps } = await watching(the, shippedRules());
    const known = the.cluster.pods;
    const seen = { ...lose(the, "go-app-db"), what: "deleted" as const, atMs: T0 };
    changePods(the, "go-app", (pod) => ({ ...pod, restarts: 1 }));
    await considerAll(deps, { signals: [seen], known }, never);
    await run.play(T0 + HOUR_MS, ID);
    expect(await fingerprints(run, ID)).toEqual([SINGLE]);
  });

  test("of a container that began again under the same pod", async () => {
    const the = world();
    failing(the);
    const { run, deps } = await watching(the, shippedRules());
    const known = the.cluster.pods;
    const pod = known.find((one) => one.workload.name === "go-app-db")!;
    changePods(the, "go-app-db", (one) => ({
      ...one,
      ...{ restarts: 1, lastStartedAtMs: T0 + 2 * SECOND_MS, readySinceMs: T0 + 9 * SECOND_MS },
    }));
    await considerAll(deps, { signals: [{ what: "oom-killed", pod, atMs: T0 }], known }, never);
    await run.play(T0 + HOUR_MS, ID);
    expect(await fingerprints(run, ID)).toEqual(expect.arrayContaining([STALE, SINGLE]));
    const text = JSON.stringify((await run.deps.book.experiment(ID)).findings);
    expect(text).toContain("go-app-db was restarted and Ready again after 9 s");
    expect(text).not.toContain("replaced");
  });

  test("of a node: what it held is back elsewhere, and who waits for it holds on to what is gone", async () => {
    const the = world();
    failing(the);
    changePods(the, "go-app-db", (pod) => ({ ...pod, node: "node-z" }));
    const { run, deps } = await watching(the, shippedRules());
    const known = the.cluster.pods;
    const pod = known.find((one) => one.workload.name === "go-app-db")!;
    changePods(the, "go-app-db", (one) => ({ ...one, ready: false }));
    await considerAll(deps, { signals: [{ what: "unready", pod, atMs: T0 + MINUTE_MS }], known }, never);
    changePods(the, "go-app-db", (one) => ({
      ...one,
      ...{ name: `${pod.name}-2`, uid: `${pod.uid}-2`, node: "node-b", ready: true },
      ...{ createdAtMs: T0 + 6 * MINUTE_MS, readySinceMs: T0 + 7 * MINUTE_MS },
    }));
    const id = "natural-node-node-z-20260306T090000Z";
    await run.play(T0 + 2 * HOUR_MS, id);
    expect(await fingerprints(run, id)).toEqual(expect.arrayContaining([STALE, SINGLE]));
  });
});

const naturalOnes = (run: Bench) =>
  run.journal
    .entries()
    .flatMap(({ event }) => (event.kind === "planned" && event.plan.natural !== undefined ? [event.plan.id] : []));

test("a storm of losses makes one experiment, and few questions to the API server", async () => {
  const the = world();
  const { run, deps } = await watching(the);
  const [pod] = the.cluster.pods;
  const workloads = the.cluster.workloads;
  const many = Array.from({ length: 400 }, (_, i) => ({
    ...pod!,
    ...{ name: `p${i}`, uid: `u${i}`, node: `node-${i % 40}`, workload: { ...pod!.workload, name: `w${i % 200}` } },
  }));
  the.cluster = {
    ...the.cluster,
    workloads: Array.from({ length: 200 }, (_, i) => ({ ...workloads[0]!, name: `w${i}` })),
    pods: [],
    nodes: the.cluster.nodes.slice(0, 1),
  };
  let snapshots = 0;
  const snapshot = async () => {
    snapshots += 1;
    return the.cluster;
  };
  const cluster = { ...deps.cluster, snapshot };
  const stop = new AbortController();
  const follow = async (_names: readonly string[], lost: TellLoss) => {
    for (const one of many) lost({ what: "deleted", pod: one }, () => many);
  };
  const sleep = async (ms: number, signal: AbortSignal) => {
    await deps.clock.sleep(ms, signal);
    await new Promise(setImmediate);
    if (naturalOnes(run).length > 0 && run.clock.nowMs() > T0 + HOUR_MS / 2) stop.abort();
  };
  await watchLosses({ ...deps, cluster, clock: { ...deps.clock, sleep }, podWatch: { follow } }, stop.signal);
  expect(naturalOnes(run)).toEqual(["natural-node-node-0-20260306T090000Z"]);
  expect(snapshots, "one for all, one of what the nodes held, one that is kept as before").toBeLessThanOrEqual(3);
});

describe("pods of several workloads that are lost at once", () => {
  const lostAll = (the: World, ways: readonly PodLoss["what"][]): readonly SeenSignal[] =>
    ["go-app", "go-app-db", "repeater"].map((name, i) => ({ ...lose(the, name), what: ways[i]!, atMs: T0 + i }));

  test("are one experiment on all services behind them, and one message", async () => {
    const the = world();
    the.failureShare = (_service, atMs) => (atMs >= T0 ? 0.5 : 0);
    const { run, deps } = await watching(the);
    const known = the.cluster.pods;
    const signals = lostAll(the, ["evicted", "evicted", "evicted"]);
    await considerAll(deps, { signals, known }, never);
    const [id = "", ...others] = naturalOnes(run);
    expect(others).toEqual([]);
    await run.play(T0 + 30 * MINUTE_MS, id);
    const state = await run.deps.book.experiment(id);
    expect(state.choice?.target.services.toSorted()).toEqual(["go-app/go-app", "go-app/go-app-db", "go-app/repeater"]);
    expect(the.notices).toHaveLength(1);
    expect(the.notices[0]?.summary).toMatch(
      /^3 pods of go-app, go-app-db and repeater (on node \S+ )?were evicted at .*, not by Aftershock\. All pods are Ready again\./,
    );
  });

  test("have the same id in every replica, whatever was noticed first, and nobody says that all went the same way", async () => {
    const the = world();
    const { run, deps } = await watching(the);
    const signals = lostAll(the, ["deleted", "evicted", "evicted"]);
    await considerAll(deps, { signals: signals.toReversed(), known: [] }, never);
    await considerAll({ ...deps }, { signals, known: [] }, never);
    expect(naturalOnes(run)).toEqual(["natural-go-app-go-app-20260306T090000Z"]);
    const { plan } = await run.deps.book.experiment("natural-go-app-go-app-20260306T090000Z");
    expect(plan?.natural).toMatchObject({ what: "evicted", mixed: true });
  });

  test("are whole when every workload has as many pods as before, not when the first has", async () => {
    const the = world();
    const { run, deps } = await watching(the);
    const signals = lostAll(the, ["deleted", "deleted", "deleted"]);
    const young = the.cluster.pods;
    the.cluster = { ...the.cluster, pods: young.filter((pod) => pod.workload.name !== "repeater") };
    await considerAll(deps, { signals, known: [] }, never);
    const id = "natural-go-app-go-app-20260306T090000Z";
    run.clock.moveTo(T0 + MINUTE_MS);
    await run.step(id);
    expect((await run.deps.book.experiment(id)).clearMs).toBeNull();
    the.cluster = { ...the.cluster, pods: young };
    run.clock.moveTo(T0 + 2 * MINUTE_MS);
    await run.step(id);
    expect(await run.deps.book.experiment(id)).toMatchObject({ clearHow: "replaced" });
  });

  test("leave out those whose loss was wanted", async () => {
    const the = world();
    const { run, deps } = await watching(the);
    const signals = lostAll(the, ["deleted", "deleted", "deleted"]);
    const rolled = (one: (typeof the.cluster.workloads)[number]) =>
      one.name === "repeater" ? { ...one, rollout: "1 of 2 updated" } : one;
    the.cluster = { ...the.cluster, workloads: the.cluster.workloads.map(rolled) };
    await considerAll(deps, { signals, known: [] }, never);
    const { choice } = (await run.deps.book.experiment("natural-go-app-go-app-20260306T090000Z")).plan!.natural!;
    expect(choice.target.pods.map(({ name }) => name)).toHaveLength(2);
    expect(choice.drawn).toMatch(
      /^1 pod of Deployment go-app\/go-app, 1 pod of Deployment go-app\/go-app-db were lost at once: /,
    );
  });

  test("are not taken up again one by one within the hour", async () => {
    const the = world();
    const { run, deps } = await watching(the);
    await considerAll(deps, { signals: lostAll(the, ["deleted", "deleted", "deleted"]), known: [] }, never);
    await run.play(T0 + 30 * MINUTE_MS, "natural-go-app-go-app-20260306T090000Z");
    await consider(deps, lose(the, "repeater"));
    expect(naturalOnes(run)).toHaveLength(1);
  });
});

test("two nodes that die at once are one experiment, and both are named", async () => {
  const the = world();
  the.failureShare = (_service, atMs) => (atMs >= T0 + MINUTE_MS ? 0.5 : 0);
  const { run, deps } = await watching(the);
  const known = the.cluster.pods.map((pod, i) => ({ ...pod, node: i % 2 === 0 ? "node-x" : "node-y" }));
  the.cluster = { ...the.cluster, pods: known.map((pod) => ({ ...pod, ready: false })) };
  const signals = known.map((pod) => ({ what: "unready" as const, pod, atMs: T0 + MINUTE_MS }));
  await considerAll(deps, { signals, known }, never);
  expect(naturalOnes(run)).toEqual(["natural-node-node-x-20260306T090000Z"]);
  await run.play(T0 + 40 * MINUTE_MS, "natural-node-node-x-20260306T090000Z");
  expect(the.notices.map(({ summary }) => summary)).toEqual([
    expect.stringMatching(/^Nodes node-x and node-y were lost with 5 pods at .*, not by Aftershock\. /),
  ]);
});

test("what is kept as before is what the watch knew at the first of several losses", async () => {
  const the = world();
  const { deps } = await watching(the);
  const before = the.cluster.pods;
  const { pod } = lose(the, "go-app-db");
  const other = before.find((one) => one.workload.name === "repeater")!;
  const stop = new AbortController();
  const follow = async (_names: readonly string[], lost: TellLoss) => {
    lost({ what: "deleted", pod }, () => before);
    lost({ what: "unready", pod: other }, () => before.slice(1));
  };
  const sleep = async (ms: number, signal: AbortSignal) => {
    await deps.clock.sleep(ms, signal);
    await new Promise(setImmediate);
    if (deps.clock.nowMs() > T0 + HOUR_MS / 2) stop.abort();
  };
  await watchLosses({ ...deps, clock: { ...deps.clock, sleep }, podWatch: { follow } }, stop.signal);
  const kept = await deps.archive.snapshot("natural-go-app-go-app-db-20260306T090000Z", "before");
  expect(kept?.pods).toEqual(before);
});

test("a namespace that is rolled out as a whole is looked at once, not once for each workload", async () => {
  const the = world();
  const { run, deps } = await watching(the);
  const [pod] = the.cluster.pods;
  const [workload] = the.cluster.workloads;
  const names = Array.from({ length: 20 }, (_, i) => `w${i}`);
  the.cluster = {
    ...the.cluster,
    workloads: names.map((name) => ({ ...workload!, name, rollout: "1 of 2 updated" })),
  };
  const looks: (readonly string[])[] = [];
  const cluster = {
    ...deps.cluster,
    async snapshot(namespaces: readonly string[]) {
      looks.push(namespaces);
      return the.cluster;
    },
  };
  const signals = names.map((name) => ({
    ...{ what: "deleted" as const, atMs: T0 },
    pod: { ...pod!, uid: name, workload: { ...pod!.workload, name } },
  }));
  await considerAll({ ...deps, cluster }, { signals, known: [] }, never);
  expect(naturalOnes(run)).toEqual([]);
  expect(looks).toEqual([[], ["go-app"]]);
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
