import { describe, expect, test } from "vitest";
import { kubernetesLease } from "../../../src/adapters/kubernetes/lease/lease.ts";
import { type ManualClock, manualClock, T0 } from "./support/parts.ts";
import { never, serve } from "./support/serve.ts";
import { type TinyApi, tinyApi } from "./support/tiny-api.ts";

const PATH = "/apis/coordination.k8s.io/v1/namespaces/aftershock/leases/aftershock";
const INTENT = { experimentId: "go-app-pods-20260306T091500Z", t0Ms: T0, target: "pod go-app/go-app-db-0" };
const HALT = { why: "fire in the kitchen", by: "ada", atMs: T0 };

const replica = (api: TinyApi, identity: string, clock: ManualClock = manualClock()) =>
  kubernetesLease(api.client, { namespace: "aftershock", name: "aftershock", identity, durationMs: 15_000 }, clock);

describe("holding", () => {
  test("of two that try at once one holds, and the other is told that it does not", async () => {
    await using api = await tinyApi();
    const holds = await Promise.all([replica(api, "a").hold(never), replica(api, "b").hold(never)]);
    expect(holds.filter((hold) => hold !== null)).toEqual([{ token: 1 }]);
  });

  test("a renewal is one request and keeps the token", async () => {
    await using api = await tinyApi();
    const a = replica(api, "a");
    await a.hold(never);
    const before = api.client.calls().reduce((sum, one) => sum + one.count, 0);
    expect(await a.hold(never)).toEqual({ token: 1 });
    expect(api.client.calls().reduce((sum, one) => sum + one.count, 0) - before).toBe(1);
  });

  test("whoever releases makes room at once, and the token grows", async () => {
    await using api = await tinyApi();
    const [a, b] = [replica(api, "a"), replica(api, "b")];
    await a.hold(never);
    await a.release(never);
    expect(await b.hold(never)).toEqual({ token: 2 });
  });

  test("a holder that is silent for its time loses the lease", async () => {
    await using api = await tinyApi();
    const clock = manualClock();
    const [a, b] = [replica(api, "a", clock), replica(api, "b", clock)];
    await a.hold(never);
    expect(await b.hold(never)).toBeNull();
    clock.forward(8_000);
    expect(await b.hold(never)).toBeNull();
    clock.forward(8_000);
    expect(await b.hold(never)).toEqual({ token: 2 });
    expect(await a.hold(never)).toBeNull();
  });

  test("a holder that renews keeps it, however long the other waits", async () => {
    await using api = await tinyApi();
    const clock = manualClock();
    const [a, b] = [replica(api, "a", clock), replica(api, "b", clock)];
    for (let i = 0; i < 6; i++) {
      expect(await a.hold(never)).toEqual({ token: 1 });
      expect(await b.hold(never)).toBeNull();
      clock.forward(10_000);
    }
  });

  test.each([{ jumpMs: 600_000 }, { jumpMs: 7_200_000 }, { jumpMs: -3_600_000 }])(
    "a clock that is set by $jumpMs ms takes nothing from a holder that renews",
    async ({ jumpMs }) => {
      await using api = await tinyApi();
      const [clockA, clockB] = [manualClock(), manualClock()];
      const [a, b] = [replica(api, "a", clockA), replica(api, "b", clockB)];
      await a.hold(never);
      await b.hold(never);
      clockB.setBy(jumpMs / 2);
      expect(await b.hold(never)).toBeNull();
      clockA.forward(5_000);
      expect(await a.hold(never)).toEqual({ token: 1 });
      clockB.setBy(jumpMs / 2);
      expect(await b.hold(never)).toBeNull();
    },
  );

  test.each([{ hours: 1 }, { hours: -1 }])(
    "a holder whose clock is $hours h away is silent only after its time, and not at first sight",
    async ({ hours }) => {
      await using api = await tinyApi();
      await replica(api, "a", manualClock(T0 + hours * 3_600_000)).hold(never);
      const clock = manualClock();
      const b = replica(api, "b", clock);
      expect(await b.hold(never)).toBeNull();
      clock.forward(15_000);
      expect(await b.hold(never)).toEqual({ token: 2 });
    },
  );

  test("not knowing is not holding", async () => {
    await using api = await tinyApi();
    const a = replica(api, "a");
    await a.hold(never);
    api.intercept(() => "list-pods-403");
    await expect(a.hold(never)).rejects.toMatchObject({ code: "cluster-forbidden" });
  });
});

describe("noting an intent", () => {
  test("leaves it where the next process finds it", async () => {
    await using api = await tinyApi();
    const a = replica(api, "a");
    const hold = await a.hold(never);
    await a.noteIntent(hold!, INTENT, never);
    expect(await replica(api, "b").lastIntent(never)).toEqual({ ...INTENT, by: "a", outcome: null });
  });

  test("the very note that stands may be written again, until it has an outcome", async () => {
    await using api = await tinyApi();
    const a = replica(api, "a");
    const hold = await a.hold(never);
    await a.noteIntent(hold!, INTENT, never);
    await a.noteIntent(hold!, INTENT, never);
    await replica(api, "b").settleIntent(INTENT.experimentId, "injected", never);
    expect(await a.lastIntent(never)).toMatchObject({ outcome: "injected" });
    await expect(a.noteIntent(hold!, INTENT, never)).rejects.toMatchObject({ code: "intent-known" });
  });

  test("an experiment that was noted is refused ever after, by whomever and however the journal forgot it", async () => {
    await using api = await tinyApi();
    const a = replica(api, "a");
    const hold = await a.hold(never);
    await a.noteIntent(hold!, INTENT, never);
    await expect(a.noteIntent(hold!, { ...INTENT, t0Ms: T0 + 1 }, never)).rejects.toMatchObject({
      code: "intent-known",
    });
    await a.noteIntent(hold!, { ...INTENT, experimentId: "another" }, never);
    await a.release(never);
    const b = replica(api, "b");
    const taken = await b.hold(never);
    await expect(b.noteIntent(taken!, INTENT, never)).rejects.toMatchObject({ code: "intent-known" });
    expect(await b.intentOf(INTENT.experimentId, never)).toBe("past");
    expect(await b.intentOf("another", never)).toMatchObject({ experimentId: "another" });
    expect(await b.intentOf("never", never)).toBeNull();
  });

  test("the experiments of many hours are remembered, and the note stays small", async () => {
    await using api = await tinyApi();
    const a = replica(api, "a");
    const hold = await a.hold(never);
    for (let i = 0; i < 250; i++) await a.noteIntent(hold!, { ...INTENT, experimentId: `go-app-pods-${i}` }, never);
    expect(await a.intentOf("go-app-pods-60", never)).toBe("past");
    expect(await a.intentOf("go-app-pods-10", never)).toBeNull();
    expect(JSON.stringify(api.get(PATH)?.metadata).length).toBeLessThan(16_384);
  });

  test("a target of hundreds of pods is noted without them", async () => {
    await using api = await tinyApi();
    const a = replica(api, "a");
    const pods = Array.from({ length: 900 }, (_, i) => ({
      namespace: "go-app",
      name: `pod-${i}`,
      uid: `${i}`.repeat(12),
    }));
    const target = {
      workload: { kind: "Deployment", namespace: "go-app", name: "go-app" },
      pods,
      services: [],
    } as const;
    const choice = { target: { ...target, node: null, zone: "a" }, eligible: 1, ineligible: 0, drawn: "all" };
    const fault = { kind: "zone-outage", durationMs: 60_000 } as const;
    await a.noteIntent((await a.hold(never))!, { ...INTENT, choice: { ...choice, fault } }, never);
    expect((await a.lastIntent(never))?.choice).toBeUndefined();
    await a.noteIntent(
      (await a.hold(never))!,
      {
        ...INTENT,
        experimentId: "b",
        choice: { ...choice, fault, target: { ...choice.target, pods: pods.slice(0, 3) } },
      },
      never,
    );
    expect((await a.lastIntent(never))?.choice?.target.pods).toHaveLength(3);
  });

  test("fails for a holder that was replaced, however sure it is of itself", async () => {
    await using api = await tinyApi();
    const clock = manualClock();
    const [a, b] = [replica(api, "a", clock), replica(api, "b", clock)];
    const hold = await a.hold(never);
    for (let i = 0; i < 3; i++) {
      await b.hold(never);
      clock.forward(10_000);
    }
    await expect(a.noteIntent(hold!, INTENT, never)).rejects.toMatchObject({ code: "lease-lost" });
    expect(await b.lastIntent(never)).toBeNull();
  });

  test("fails with an old token when the same process holds it anew", async () => {
    await using api = await tinyApi();
    const a = replica(api, "a");
    const old = await a.hold(never);
    await a.release(never);
    await replica(api, "b").hold(never);
    await replica(api, "b").release(never);
    expect(await a.hold(never)).toEqual({ token: 3 });
    await expect(a.noteIntent(old!, INTENT, never)).rejects.toMatchObject({ code: "lease-lost" });
  });

  test("survives that somebody else writes on the lease in between", async () => {
    await using api = await tinyApi();
    const a = replica(api, "a");
    const hold = await a.hold(never);
    api.put(PATH, { ...api.get(PATH), note: "kubectl annotate" });
    await a.noteIntent(hold!, INTENT, never);
    expect(api.get(PATH)).toMatchObject({ spec: { holderIdentity: "a", leaseTransitions: 1 } });
  });

  test("fails once halted: of a halt and an intent one comes first, and the other sees it", async () => {
    await using api = await tinyApi();
    const a = replica(api, "a");
    const hold = await a.hold(never);
    await replica(api, "cli").halt(HALT, never);
    await expect(a.noteIntent(hold!, INTENT, never)).rejects.toMatchObject({
      code: "lease-lost",
      message: "halted by ada: fire in the kitchen",
    });
    expect(await a.lastIntent(never)).toBeNull();
  });

  test("an intent that somebody scribbled over is not taken for none", async () => {
    await using api = await tinyApi();
    api.put(PATH, { metadata: { annotations: { "aftershock.dev/intent": "{" } } });
    await expect(replica(api, "a").lastIntent(never)).rejects.toMatchObject({ code: "cluster-conflict" });
  });
});

describe("the halt switch", () => {
  test("works when nobody ever held the lease, and does not count as a holder", async () => {
    await using api = await tinyApi();
    const cli = replica(api, "cli");
    expect(await cli.read(never)).toBeNull();
    await cli.halt(HALT, never);
    expect(await replica(api, "a").read(never)).toEqual(HALT);
    expect(await replica(api, "a").hold(never)).toEqual({ token: 1 });
  });

  test("stays through renewals, a new holder and a release, until it is resumed", async () => {
    await using api = await tinyApi();
    const [a, b] = [replica(api, "a"), replica(api, "b")];
    await a.hold(never);
    await b.halt(HALT, never);
    await a.hold(never);
    await a.release(never);
    await b.hold(never);
    expect(await a.read(never)).toEqual(HALT);
    await b.resume(never);
    expect(await a.read(never)).toBeNull();
  });

  describe("told from what the lease said", () => {
    const requests = (api: TinyApi): number => api.client.calls().reduce((sum, one) => sum + one.count, 0);

    test("costs no request when the lease was written since then", async () => {
      await using api = await tinyApi();
      const clock = manualClock();
      const a = replica(api, "a", clock);
      await a.hold(never);
      const before = requests(api);
      expect([await a.read(never, clock.realMs()), requests(api) - before]).toEqual([null, 0]);
    });

    test("is asked for when what the lease said is older, or nobody says how old it may be", async () => {
      await using api = await tinyApi();
      const clock = manualClock();
      const a = replica(api, "a", clock);
      await a.hold(never);
      await replica(api, "cli").halt(HALT, never);
      expect(await a.read(never, clock.realMs())).toBeNull();
      expect(await a.read(never)).toEqual(HALT);
      await replica(api, "cli").resume(never);
      clock.forward(1);
      expect(await a.read(never, clock.realMs())).toBeNull();
    });

    test("sees a halt that came before the write, and nothing once a write was contradicted", async () => {
      await using api = await tinyApi();
      const clock = manualClock();
      const a = replica(api, "a", clock);
      await replica(api, "cli").halt(HALT, never);
      await a.hold(never);
      expect(await a.read(never, clock.realMs())).toEqual(HALT);
      api.intercept(() => ({ code: 500, message: "etcd leader changed" }));
      await expect(a.hold(never)).rejects.toMatchObject({ code: "cluster-unavailable" });
      await expect(a.read(never, clock.realMs())).rejects.toMatchObject({ code: "cluster-unavailable" });
    });

    test("is as old as its request, however late the answer came", async () => {
      await using api = await tinyApi();
      const clock = manualClock();
      const a = replica(api, "a", clock);
      await a.hold(never);
      const sentMs = clock.realMs();
      api.intercept(({ verb }) => {
        if (verb === "update") clock.forward(5_000);
        return undefined;
      });
      await a.hold(never);
      await replica(api, "cli").halt(HALT, never);
      expect(await a.read(never, sentMs)).toBeNull();
      expect(await a.read(never, sentMs + 1)).toEqual(HALT);
    });
  });

  test.each([
    { name: "plain words", text: "stop it", halt: { why: "stop it", by: "somebody with kubectl", atMs: 0 } },
    { name: "nothing", text: "", halt: { why: "no reason given", by: "somebody with kubectl", atMs: 0 } },
    { name: "half a JSON text", text: "{", halt: { why: "{", by: "somebody with kubectl", atMs: 0 } },
  ])("an annotation with $name is a halt", async ({ text, halt }) => {
    await using api = await tinyApi();
    api.put(PATH, { metadata: { annotations: { "aftershock.dev/halt": text } } });
    expect(await replica(api, "a").read(never)).toEqual(halt);
  });

  test("that cannot be read rejects, it does not say that all is well", async () => {
    await using api = await tinyApi();
    api.intercept(() => "list-pods-403");
    await expect(replica(api, "a").read(never)).rejects.toMatchObject({ code: "cluster-forbidden" });
  });

  test("that a router answers for with its own 404 rejects, too", async () => {
    await using served = await serve((_request, response) => void response.writeHead(404).end("no such page"));
    const options = { namespace: "aftershock", name: "aftershock", identity: "a", durationMs: 15_000 };
    const lease = kubernetesLease(served.client, options, manualClock());
    await expect(lease.read(never)).rejects.toMatchObject({ code: "cluster-unavailable" });
  });

  test("wins over a lease that is made in the same moment", async () => {
    await using api = await tinyApi();
    const a = replica(api, "a");
    let first = true;
    api.intercept((request) => {
      if (request.verb !== "create" || !first) return undefined;
      first = false;
      api.put(PATH, { spec: { holderIdentity: "b", leaseTransitions: 1 } });
      return undefined;
    });
    await a.halt(HALT, never);
    expect(await a.read(never)).toEqual(HALT);
  });

  test("resuming where no lease is, is harmless", async () => {
    await using api = await tinyApi();
    await expect(replica(api, "a").resume(never)).resolves.toBeUndefined();
  });
});
