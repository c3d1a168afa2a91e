import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { connect, type KubernetesClient } from "../../../src/adapters/kubernetes/client/client.ts";
import { kubernetesLease } from "../../../src/adapters/kubernetes/lease/lease.ts";
import { clock, deadline, scenery } from "./support/lab.ts";

const NAMESPACE = "aftershock-lease-test";
const ROUNDS = 25;

const replica = (client: KubernetesClient, identity: string, durationMs: number) =>
  kubernetesLease(client, { namespace: NAMESPACE, name: "aftershock", identity, durationMs }, clock);

test("of two competitors on a real server never two hold at once, and the tokens grow", async () => {
  await using stage = scenery();
  await stage.make({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const inside = new Set<string>();
  const tokens: number[] = [];
  let overlaps = 0;
  const compete = async (identity: string) => {
    await using client = connect();
    const lease = replica(client, identity, 20_000);
    for (let round = 0; round < ROUNDS; ) {
      const hold = await lease.hold(deadline());
      if (hold === null) {
        await wait(5);
        continue;
      }
      round += 1;
      inside.add(identity);
      if (inside.size > 1) overlaps += 1;
      tokens.push(hold.token);
      await lease.noteIntent(
        hold,
        { experimentId: `${identity}-${round}`, t0Ms: Date.now(), target: "none" },
        deadline(),
      );
      inside.delete(identity);
      await lease.release(deadline());
    }
  };
  await Promise.all([compete("a"), compete("b")]);
  expect({ overlaps, held: tokens.length }).toEqual({ overlaps: 0, held: 2 * ROUNDS });
  expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
  expect(new Set(tokens).size).toBe(tokens.length);
});

test("a holder that vanished is replaced after its time, and cannot note an intent any more", async () => {
  await using stage = scenery();
  await stage.make({ apiVersion: "v1", kind: "Namespace", metadata: { name: `${NAMESPACE}-2` } });
  await using client = connect();
  const at = { namespace: `${NAMESPACE}-2`, name: "aftershock", durationMs: 1_000 };
  const gone = kubernetesLease(client, { ...at, identity: "gone" }, clock);
  const heir = kubernetesLease(client, { ...at, identity: "heir" }, clock);
  const old = await gone.hold(deadline());
  let hold = await heir.hold(deadline());
  expect(hold).toBeNull();
  while (hold === null) {
    await wait(300);
    hold = await heir.hold(deadline());
  }
  expect(hold.token).toBe(2);
  const intent = { experimentId: "late", t0Ms: 0, target: "none" };
  await expect(gone.noteIntent(old!, intent, deadline())).rejects.toMatchObject({ code: "lease-lost" });
  await heir.halt({ why: "test", by: "lab", atMs: 0 }, deadline());
  await expect(heir.noteIntent(hold, intent, deadline())).rejects.toMatchObject({
    message: expect.stringContaining("halted"),
  });
});
