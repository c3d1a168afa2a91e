import { describe, expect, test } from "vitest";
import { dryRunInjector } from "../../src/adapters/dry-run/injector.ts";
import { kubernetesInjector } from "../../src/adapters/kubernetes/faults/injector.ts";
import { FAULT_KINDS, type Fault, type FaultKind } from "../../src/core/model/fault.ts";
import type { FaultInjector } from "../../src/ports/faults.ts";
import { manualClock, orderOf, quietLog, T0 } from "../integration/kubernetes/support/parts.ts";
import { never } from "../integration/kubernetes/support/serve.ts";
import { tinyApi } from "../integration/kubernetes/support/tiny-api.ts";

interface Opened extends AsyncDisposable {
  readonly injector: FaultInjector;
}

/** An empty cluster behind each adapter. */
const adapters: readonly { readonly name: string; readonly open: () => Promise<Opened> }[] = [
  {
    name: "Kubernetes",
    async open() {
      const api = await tinyApi();
      const injector = kubernetesInjector(api.client, manualClock(), quietLog, { namespaces: async () => ["go-app"] });
      return { injector, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
    },
  },
  { name: "dry run", open: async () => ({ injector: dryRunInjector(quietLog), async [Symbol.asyncDispose]() {} }) },
];

const faults: Readonly<Record<FaultKind, Fault>> = {
  "pod-delete": { kind: "pod-delete" },
  "pod-evict": { kind: "pod-evict" },
  "pod-kill": { kind: "pod-kill" },
  "node-drain": { kind: "node-drain", durationMs: 60_000 },
  "zone-outage": { kind: "zone-outage", durationMs: 60_000 },
  "http-abort": { kind: "http-abort", durationMs: 60_000, httpStatus: 503, percent: 50 },
  "http-delay": { kind: "http-delay", durationMs: 60_000, delayMs: 100, percent: 50 },
};
/** Kinds that need something of the cluster to be there. */
const bodily = FAULT_KINDS.filter((kind) => !kind.startsWith("http-"));

describe.each(adapters)("the $name injector", ({ open }) => {
  test.each(bodily)("%s of what is not there is not injected, with a reason", async (kind) => {
    await using opened = await open();
    const result = await opened.injector.inject(orderOf(faults[kind]), never);
    expect(result).toMatchObject({ kind: "not-injected", why: expect.stringMatching(/\w/) });
  });

  test.each(FAULT_KINDS)("undoing a %s that was never done is harmless, any number of times", async (kind) => {
    await using opened = await open();
    await opened.injector.undo(orderOf(faults[kind]), never);
    await expect(opened.injector.undo(orderOf(faults[kind]), never)).resolves.toBeUndefined();
  });

  test.each(["http-abort", "node-drain"] as const)("a %s that was undone leaves nothing to sweep", async (kind) => {
    await using opened = await open();
    await opened.injector.inject(orderOf(faults[kind]), never);
    await opened.injector.undo(orderOf(faults[kind]), never);
    expect(await opened.injector.sweep(T0 + 3_600_000, () => false, never)).toEqual([]);
  });

  test("a clean cluster has nothing to sweep", async () => {
    await using opened = await open();
    expect(await opened.injector.sweep(T0, () => false, never)).toEqual([]);
  });

  test.each(["http-abort", "http-delay", "node-drain"] as const)("a %s without an order was not done", async (kind) => {
    await using opened = await open();
    expect(await opened.injector.wasDone(orderOf(faults[kind], { pods: [] }), never)).toBe("not-done");
  });
});
