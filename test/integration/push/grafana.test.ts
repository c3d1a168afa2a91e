import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { grafanaAnnotator } from "../../../src/adapters/push/grafana.ts";
import { annotationsIn } from "../../../src/app/annotate/annotations.ts";
import { hasCode } from "../../../src/core/model/error.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import type { Annotation } from "../../../src/ports/annotator.ts";
import type { Log } from "../../../src/ports/log.ts";
import { bench, replaced, world } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";
import { type FakeGrafana, startGrafana } from "../../support/servers/grafana.ts";

const TOKEN = "glsa_hunter2";
const never = new AbortController().signal;

let grafana: FakeGrafana;
beforeEach(async () => {
  grafana = await startGrafana(TOKEN);
});
afterEach(() => grafana[Symbol.asyncDispose]());

const annotatorOf = (token = TOKEN) =>
  grafanaAnnotator({ url: grafana.url, token: async () => token, timeoutMs: 300, cluster: "prod-eu" });

const ANNOTATION: Annotation = {
  experimentId: "go-app-pods-20260306T091500Z",
  fromMs: T0,
  toMs: null,
  text: "A pod of go-app-db was deleted",
  link: "https://aftershock.example/experiments/x",
  tags: ["fault:pod-delete"],
};

/** A worker with annotations; half of go-app's requests fail from the fault until `backMs`. */
async function annotated({ backMs = T0, token = TOKEN }: { backMs?: number; token?: string } = {}) {
  const the = world();
  the.failureShare = (service, atMs) => (service === "go-app/go-app" && atMs > T0 && atMs < backMs ? 0.5 : 0);
  const run = await bench(the);
  const warned: { message: string; fields: unknown }[] = [];
  const log: Log = { ...run.deps.log, warn: (message, fields) => void warned.push({ message, fields }) };
  const { clock, book, archive } = run.deps;
  const start = () =>
    annotationsIn({ annotator: annotatorOf(token), clock, log, book, archive, settings: run.deps.settings });
  let annotations = start();
  (run.deps as { tell: typeof run.deps.tell }).tell = (id, _, state) => annotations.told(id, state);
  return {
    ...run,
    the,
    warned,
    look: () => annotations.look(never),
    /** As after a restart, with the cache or without it. */
    restart() {
      annotations = start();
    },
    async begin() {
      await run.step();
      replaced(the, T0 + 20 * SECOND_MS);
    },
  };
}

describe("annotations in Grafana", () => {
  test("an experiment is annotated when it begins, and gets its end and its outcome with the verdict", async () => {
    const run = await annotated();
    await run.begin();
    await run.look();
    expect(grafana.annotations).toEqual([
      {
        id: 1,
        time: T0,
        timeEnd: T0,
        tags: expect.arrayContaining(["aftershock", "cluster:prod-eu", "fault:pod-delete", "workload:go-app"]),
        text: "A pod of go-app was deleted",
      },
    ]);
    await run.play(T0 + 2 * HOUR_MS);
    await run.look();
    const [one] = grafana.annotations;
    expect(grafana.annotations).toHaveLength(1);
    expect(one?.text).toMatch(/^A pod of go-app was deleted: (unaffected|unknown)/);
    expect(one?.timeEnd).toBeGreaterThan(T0 + MINUTE_MS);
  });

  test("one whose damage stayed reaches until it recovered", async () => {
    const run = await annotated({ backMs: T0 + 2 * HOUR_MS });
    await run.begin();
    await run.play(T0 + 6 * HOUR_MS);
    await run.look();
    const [one] = grafana.annotations;
    expect(one?.tags).toContain("outcome:not recovered");
    expect(one?.text).toContain("recovered after");
    expect(Math.abs((one?.timeEnd ?? 0) - (T0 + 2 * HOUR_MS))).toBeLessThan(5 * MINUTE_MS);
  });

  test("what is as it should be asks for nothing", async () => {
    const run = await annotated();
    await run.begin();
    await run.look();
    const before = grafana.asked.length;
    run.clock.moveTo(run.clock.nowMs() + 10 * MINUTE_MS);
    await run.look();
    run.clock.moveTo(run.clock.nowMs() + 3 * MINUTE_MS);
    await run.look();
    expect(grafana.asked).toHaveLength(before);
  });

  test("a restart annotates nothing twice, with what it kept and without it", async () => {
    const run = await annotated();
    await run.begin();
    await run.look();
    for (const forget of [false, true]) {
      if (forget) await run.deps.archive.forget(() => true);
      run.restart();
      await run.look();
      run.clock.moveTo(run.clock.nowMs() + 3 * MINUTE_MS);
      await run.look();
    }
    expect(grafana.annotations).toHaveLength(1);
    expect(grafana.asked.filter((what) => what.startsWith("POST"))).toHaveLength(1);
  });

  test("an experiment that another process ended gets its end from this one", async () => {
    const run = await annotated();
    await run.begin();
    await run.look();
    (run.deps as { tell: typeof run.deps.tell }).tell = () => undefined;
    await run.play(T0 + 2 * HOUR_MS);
    await run.look();
    expect(grafana.annotations[0]?.timeEnd).toBe(T0);
    run.clock.moveTo(run.clock.nowMs() + 10 * MINUTE_MS);
    await run.look();
    run.clock.moveTo(run.clock.nowMs() + 3 * MINUTE_MS);
    await run.look();
    expect(grafana.annotations[0]?.timeEnd).toBeGreaterThan(T0);
  });

  test("an answer that was lost leaves one annotation, not two", async () => {
    const run = await annotated();
    await run.begin();
    grafana.trouble = { kind: "mute", method: "POST" };
    await run.look();
    expect(grafana.annotations).toHaveLength(1);
    grafana.trouble = { kind: "none" };
    run.clock.moveTo(run.clock.nowMs() + 2 * MINUTE_MS);
    await run.look();
    expect(grafana.asked.map((what) => what.split(" ")[0])).toEqual(["GET", "POST", "GET", "PATCH"]);
    expect(grafana.annotations).toHaveLength(1);
  });

  test.each<{ name: string; trouble: FakeGrafana["trouble"] }>([
    { name: "answers 500", trouble: { kind: "status", status: 500 } },
    { name: "answers 503", trouble: { kind: "status", status: 503 } },
    { name: "answers 429", trouble: { kind: "status", status: 429 } },
    { name: "does not answer", trouble: { kind: "slow" } },
    { name: "breaks the connection", trouble: { kind: "mute" } },
  ])("when Grafana $name, it is tried again, no sooner than in a minute, and not for ever", async ({ trouble }) => {
    const run = await annotated();
    await run.begin();
    grafana.trouble = trouble;
    await run.look();
    expect(run.warned.map(({ message }) => message)).toEqual([
      "an annotation could not be written; it will be tried again",
    ]);
    const before = grafana.asked.length;
    run.clock.moveTo(run.clock.nowMs() + 30 * SECOND_MS);
    await run.look();
    expect(grafana.asked).toHaveLength(before);
    grafana.trouble = { kind: "none" };
    run.clock.moveTo(run.clock.nowMs() + MINUTE_MS);
    await run.look();
    expect(grafana.annotations).toHaveLength(1);
  });

  test("a Grafana that is away for a day is asked nine times for one experiment", async () => {
    const run = await annotated();
    await run.begin();
    grafana.trouble = { kind: "status", status: 502 };
    for (let i = 0; i < 24 * 60 * 4; i++) {
      await run.look();
      run.clock.moveTo(run.clock.nowMs() + 15 * SECOND_MS);
    }
    expect(grafana.asked).toHaveLength(9);
  });

  test.each([401, 403, 404, 422])("what Grafana refuses with %i is told once and not tried again", async (status) => {
    const run = await annotated();
    await run.begin();
    grafana.trouble = { kind: "status", status };
    for (let i = 0; i < 8; i++) {
      await run.look();
      run.clock.moveTo(run.clock.nowMs() + MINUTE_MS);
    }
    expect(grafana.asked).toHaveLength(1);
    expect(run.warned).toHaveLength(1);
    expect(inspect(run.warned, { depth: null })).toContain(`Grafana answered ${status}`);
  });

  test("a wrong token stands in no line of the log", async () => {
    const run = await annotated({ token: "glsa_other" });
    await run.begin();
    await run.look();
    expect(inspect(run.warned, { depth: null })).toContain("Grafana answered 401");
    expect(inspect(run.warned, { depth: null })).not.toMatch(/glsa_|127\.0\.0\.1/);
  });

  test("an experiment has the same life whether Grafana answers, refuses, hangs or is away", async () => {
    const lives: (readonly string[])[] = [];
    for (const trouble of ["none", "status", "slow", "away"] as const) {
      const run = await annotated();
      if (trouble === "away") await grafana[Symbol.asyncDispose]();
      else grafana.trouble = trouble === "status" ? { kind: "status", status: 500 } : { kind: trouble };
      await run.begin();
      const looking = run.look(); // nobody waits for it
      await run.play(T0 + 2 * HOUR_MS);
      lives.push(await run.kinds());
      await looking;
    }
    expect(new Set(lives.map((kinds) => kinds.join(" "))).size).toBe(1);
  });
});

describe("the adapter", () => {
  test("finds an annotation by its tags, and none of another cluster or experiment", async () => {
    const one = annotatorOf();
    const number = await one.add(ANNOTATION, never);
    expect(await one.find(ANNOTATION, never)).toBe(number);
    expect(await one.find({ ...ANNOTATION, experimentId: "another" }, never)).toBeNull();
    const other = grafanaAnnotator({
      url: grafana.url,
      token: async () => TOKEN,
      timeoutMs: 300,
      cluster: "prod-us",
    });
    expect(await other.find(ANNOTATION, never)).toBeNull();
  });

  test("hostile names and texts stay text, and tags keep within what Grafana holds", async () => {
    const hostile = `"><img src=x onerror=alert(1)>&\u202e\u0000${"x".repeat(5_000)}`;
    await annotatorOf().add(
      {
        ...ANNOTATION,
        text: hostile,
        link: `https://a.example/"><b>`,
        tags: [hostile, ..."abcdef".split("").map((one) => `${one}:${hostile}`)],
      },
      never,
    );
    const [one] = grafana.annotations;
    expect(one?.text).not.toMatch(/<(?!a href="[^"<>]*">Details<\/a>|\/a>)/);
    expect(JSON.stringify(one?.tags).length).toBeLessThanOrEqual(500);
    expect(one?.tags.every((tag) => tag.length <= 100)).toBe(true);
  });

  test("what answers 200 and is no Grafana is named", async () => {
    grafana.trouble = { kind: "status", status: 200 };
    const cause: unknown = await annotatorOf()
      .add(ANNOTATION, never)
      .catch((error: unknown) => error);
    expect(hasCode(cause, "notify-failed") && !cause.retryable).toBe(true);
    expect(inspect(cause)).toContain("grafana.url");
  });

  test("the token is read again for each request", async () => {
    const tokens = ["glsa_old", TOKEN];
    const one = grafanaAnnotator({
      url: grafana.url,
      token: async () => tokens.shift() ?? TOKEN,
      timeoutMs: 300,
      cluster: "prod-eu",
    });
    await expect(one.add(ANNOTATION, never)).rejects.toThrow("401");
    expect(await one.add(ANNOTATION, never)).toBe(1);
  });
});
