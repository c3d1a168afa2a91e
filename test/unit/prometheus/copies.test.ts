import { describe, expect, test } from "vitest";
import { leaveOut } from "../../../src/adapters/prometheus/read/leave-out.ts";
import { Tally } from "../../../src/adapters/prometheus/read/tally.ts";
import type { Labels } from "../../../src/adapters/prometheus/signals/classify.ts";
import { istioSignals } from "../../integration/prometheus/mesh.ts";

const GRID = { startMs: 1_000_000, stepMs: 60_000, steps: 4 };

const istio = (caller: string, more: Labels = {}): Labels => ({
  reporter: "source",
  source_workload: caller,
  source_workload_namespace: "shop",
  destination_service_name: "cart",
  destination_service_namespace: "shop",
  request_protocol: "http",
  response_code: "200",
  response_flags: "-",
  ...more,
});
const scraped = (pod: string, more: Labels = {}): Labels => ({
  job: "pods",
  instance: `${pod}:15020`,
  namespace: "shop",
  pod,
  ...more,
});

/**
 * A counter that grows by `by` every 15 s, from a minute before the grid, `from` and `to` in
 * scrapes.
 */
function samples(by: number, { base = 1000, from = 0, to = 20 } = {}) {
  const at = Array.from({ length: to - from }, (_, i) => from + i);
  return {
    timesMs: Float64Array.from(at, (i) => GRID.startMs - 60_000 + 15_000 * i + 5),
    values: Float64Array.from(at, (i) => base + by * i),
    n: at.length,
  };
}

function counted(add: (tally: Tally) => void) {
  const tally = new Tally(GRID, istioSignals());
  add(tally);
  tally.count();
  tally.settle(new Map());
  const books = [...tally.accounts.values()].flatMap(({ http }) => (http === null ? [] : [http]));
  return { tally, total: books.reduce((sum, { all }) => sum + all.reduce((a, b) => a + b, 0), 0), books };
}

describe("the same proxy more than once", () => {
  test.each([
    { name: "two jobs", other: scraped("web-0", { job: "monitoring/envoy" }), left: ['job!~"pods"'] },
    {
      name: "two jobs and two ports, the other without the pod's name",
      other: { job: "envoy", instance: "web-0:15090" },
      left: ['job!~"pods"'],
    },
    {
      name: "two replicas of Prometheus",
      other: scraped("web-0", { prometheus_replica: "b" }),
      left: ['prometheus_replica!~""'],
    },
  ])("$name: requests count once, and one copy is named", ({ other, left }) => {
    const { tally, total } = counted((to) => {
      to.addRequests({ ...istio("web"), ...scraped("web-0") }, samples(10));
      to.addRequests({ ...istio("web"), ...other }, samples(10));
    });
    expect(total).toBe(160);
    expect(tally.copies.says.join()).toMatch(/1 proxy is scraped .*; the first is counted/);
    const [without, ...more] = leaveOut(tally.copies) ?? [];
    expect(more).toEqual([]);
    expect(without).toHaveLength(1);
    expect(left.concat(['job!~"monitoring/envoy"', 'job!~"envoy"', 'prometheus_replica!~"b"'])).toContain(without?.[0]);
  });

  test("proxies that each have a job of their own are no copies", () => {
    const { tally, total } = counted((to) => {
      to.addRequests({ ...istio("web"), ...scraped("web-0") }, samples(10));
      to.addRequests({ ...istio("web"), ...scraped("web-1", { job: "other" }) }, samples(10));
    });
    expect(total).toBe(320);
    expect(tally.copies.says).toEqual([]);
    expect(leaveOut(tally.copies)).toEqual([[]]);
  });

  test("a second job for some proxies only is left out by two queries that have nothing in common", () => {
    const { tally, total } = counted((to) => {
      to.addRequests({ ...istio("web"), ...scraped("web-0") }, samples(10));
      to.addRequests({ ...istio("web"), ...scraped("web-0", { job: "other" }) }, samples(10));
      to.addRequests({ ...istio("web"), ...scraped("web-1", { job: "other" }) }, samples(10));
      to.addRequests({ ...istio("web"), ...scraped("web-2") }, samples(10));
    });
    expect(total).toBe(480);
    expect(leaveOut(tally.copies)).toEqual([['job!~"pods"'], ['job="pods"', 'instance!~"web-0:15020"']]);
  });

  test("a copy that only its pod's name tells from what is counted cannot be left out", () => {
    const { tally, total } = counted((to) => {
      for (const pod of ["web-0", "web-1"]) {
        to.addRequests({ ...istio("web"), ...scraped(pod, { instance: "proxy:15020" }) }, samples(10));
      }
      to.addRequests({ ...istio("web"), ...scraped("web-2") }, samples(10));
      to.addRequests({ ...istio("web"), ...scraped("web-0", { job: "other", instance: "proxy:15020" }) }, samples(10));
      to.addRequests({ ...istio("web"), ...scraped("web-3", { job: "other", instance: "proxy:15020" }) }, samples(10));
    });
    expect(total).toBe(640);
    expect(leaveOut(tally.copies)).toBeNull();
  });

  test("sums of the same counters beside them are left out", () => {
    const { tally, total } = counted((to) => {
      for (const pod of ["web-0", "web-1"]) to.addRequests({ ...istio("web"), ...scraped(pod) }, samples(10));
      to.addRequests({ ...istio("web"), job: "federate", instance: "prometheus:9090" }, samples(20));
      to.addRequests({ ...istio("cart", { destination_service_name: "stock" }), ...scraped("cart-0") }, samples(0));
      to.addRequests(
        { ...istio("cart", { destination_service_name: "stock" }), job: "federate", instance: "prometheus:9090" },
        samples(0),
      );
    });
    expect(total).toBe(320);
    expect(leaveOut(tally.copies)).toEqual([['job!~"federate"']]);
  });

  test("an instance label that changes is one proxy that goes on", () => {
    const { total } = counted((to) => {
      to.addRequests({ ...istio("web"), ...scraped("web-0") }, samples(10, { to: 10 }));
      to.addRequests(
        { ...istio("web"), ...scraped("web-0", { instance: "10.0.0.9:15020" }) },
        samples(10, { from: 10 }),
      );
    });
    expect(total).toBe(160);
  });

  test("a counter that is away while its proxy is scraped is born again, in its own step", () => {
    const { books } = counted((to) => {
      to.addRequests({ ...istio("web"), ...scraped("web-0") }, samples(10));
      const early = samples(0, { base: 3, to: 5 });
      const late = samples(0, { base: 200, from: 15 });
      const both = {
        timesMs: Float64Array.from([...early.timesMs, ...late.timesMs]),
        values: Float64Array.from([...early.values, ...late.values]),
        n: 10,
      };
      to.addRequests({ ...istio("web", { response_code: "503", response_flags: "UF" }), ...scraped("web-0") }, both);
    });
    expect([...books[0]!.bad]).toEqual([0, 0, 200, 0]);
  });

  test("a sum that falls to a large remainder, and one that comes back, is unknown in that step and no burst", () => {
    const { books } = counted((to) => {
      for (const [i, caller] of ["web", "cart"].entries()) {
        const of = samples(10, { base: 300_000 });
        if (i === 0) for (let j = 9; j < 14; j++) of.values[j]! -= 100_000;
        to.addRequests({ ...istio(caller), job: "federate", instance: "prometheus:9090" }, of);
      }
    });
    const book = books[0]!;
    expect([...book.unknown]).toEqual([0, 1, 1, 0]);
    expect(Math.max(...book.all)).toBeLessThanOrEqual(40);
  });
});

describe("labels that nobody listed", () => {
  const ok = { response_code: "200" };
  const failed = { response_code: "503", response_flags: "UF" };
  /** Scraped `laterMs` after the other, when a part of the next growth was there already. */
  const later = (by: number, laterMs: number) => {
    const of = samples(by);
    const grown = Math.floor((by * laterMs) / 15_000);
    return { ...of, timesMs: of.timesMs.map((atMs) => atMs + laterMs), values: of.values.map((n) => n + grown) };
  };
  const two = (name: string, values: readonly [string, string], laterMs: number) =>
    counted((to) => {
      for (const [pod, by] of [
        ["web-0", 10],
        ["web-1", 13],
      ] as const) {
        for (const [i, value] of values.entries()) {
          const more = value === "" ? {} : { [name]: value };
          const of = i === 0 ? samples : (n: number) => later(n, laterMs);
          to.addRequests({ ...istio("web", ok), ...scraped(pod), ...more }, of(by));
          to.addRequests({ ...istio("web", failed), ...scraped(pod), ...more }, of(3));
        }
      }
    });

  test.each([
    { name: "receive_replica", values: ["a", "b"] as const, laterMs: 4_321 },
    { name: "collector_id", values: ["a", "b"] as const, laterMs: 0 },
    { name: "tenant_id", values: ["", "default"] as const, laterMs: 4_321 },
  ])("$name $values, $laterMs ms later, tells copies apart, and one is counted", ({ name, values, laterMs }) => {
    const { total, tally } = two(name, values, laterMs);
    expect(total).toBe(16 * (10 + 13 + 3 + 3));
    expect(tally.copies.says.join()).toMatch(new RegExp(`2 proxies are scraped .*${name}="`));
    expect(leaveOut(tally.copies)).toEqual([[expect.stringMatching(new RegExp(`^${name}!~"(a|b|default|)"$`))]]);
  });

  test.each([
    { name: "request_method", of: "the request", values: ["GET", "POST"] as const },
    { name: "destination_version", of: "the callee", values: ["v1", "v2"] as const },
  ])("$name tells of $of: what is equal by chance counts twice", ({ name, values }) => {
    expect(two(name, values, 0).total).toBe(2 * 16 * (10 + 13 + 3 + 3));
  });

  test("two pods behind one address are no copies, however alike they are", () => {
    const { total } = counted((to) => {
      for (const [i, name] of ["web-0", "web-1"].entries()) {
        const alike = samples(10);
        for (const [j] of alike.values.entries()) alike.values[j]! += i * (((j * 7) % 5) - 2);
        const { pod: _, ...labels } = { ...istio("web"), ...scraped("node-1") };
        to.addRequests({ ...labels, kubelet_pod: name }, alike);
      }
    });
    expect(total).toBeGreaterThan(310);
  });
});

describe("labels that Prometheus renamed", () => {
  const federated = (pod: string, more: Labels = {}): Labels => ({
    job: "federate",
    instance: "prometheus-0:9090",
    namespace: "monitoring",
    pod: "prometheus-0",
    exported_job: "pods",
    exported_instance: `${pod}:15020`,
    exported_namespace: "shop",
    exported_pod: pod,
    ...more,
  });
  const toStock = { destination_service_name: "stock", source_workload: "cart" };

  test("name the proxies behind a Prometheus that is federated without honor_labels", () => {
    const { total, tally } = counted((to) => {
      to.addRequests({ ...istio("web"), ...federated("web-0") }, samples(10));
      to.addRequests({ ...istio("web"), ...federated("web-1") }, samples(10));
      to.addRequests({ ...istio("cart", toStock), ...federated("cart-0") }, samples(10));
    });
    expect(total).toBe(480);
    expect(tally.copies.summed).toEqual([]);
  });

  test("are copies of what is scraped beside them", () => {
    const { total, tally } = counted((to) => {
      to.addRequests({ ...istio("web"), ...federated("web-0") }, samples(10));
      to.addRequests({ ...istio("cart", toStock), ...federated("cart-0") }, samples(10));
      to.addRequests({ ...istio("web"), ...scraped("web-0") }, samples(10));
      to.addRequests({ ...istio("cart", toStock), ...scraped("cart-0") }, samples(10));
    });
    expect(total).toBe(320);
    expect(leaveOut(tally.copies)).toEqual([[expect.stringMatching(/^job!~"(federate|pods)"$/)]]);
  });

  test("do not make copies of proxies that tell of the same callee with them", () => {
    const { total } = counted((to) => {
      for (const pod of ["web-0", "web-1"]) {
        to.addRequests({ ...istio("web"), ...scraped(pod), exported_pod: "cart-0" }, samples(10));
        to.addRequests({ ...istio("web"), ...scraped(pod), exported_pod: "cart-1" }, samples(7));
      }
    });
    expect(total).toBe(2 * 16 * 17);
  });

  test("do not prove that a counter began at 0: only the Prometheus in between was up before", () => {
    const { total } = counted((to) => {
      to.addRequests({ ...istio("cart", toStock), ...federated("cart-0") }, samples(10));
      to.addRequests({ ...istio("web"), ...federated("web-0") }, samples(10, { from: 12 }));
    });
    expect(total).toBe(160 + 70);
  });
});

test("a hole does not change how often proxies are taken to be scraped", () => {
  const { timesMs, values } = samples(10, { to: 276 });
  const kept = [...timesMs.keys()].filter((i) => i < 100 || i >= 112);
  const { tally } = counted((to) =>
    to.addRequests(
      { ...istio("web"), ...scraped("web-0") },
      {
        timesMs: Float64Array.from(kept, (i) => timesMs[i]!),
        values: Float64Array.from(kept, (i) => values[i]!),
        n: kept.length,
      },
    ),
  );
  expect(tally.spacingMs()).toBe(15_000);
});
