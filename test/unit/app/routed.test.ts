import { describe, expect, test } from "vitest";
import { type DigestRule, type Route, routed } from "../../../src/app/notify/routed.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import type { Outcome } from "../../../src/core/model/outcome.ts";
import { noticesFor } from "../../../src/core/report/notices.ts";
import { parseSelector } from "../../../src/core/targeting/selector.ts";
import type { Notice } from "../../../src/core/text/notice.ts";
import { noticeInput } from "../../support/notices.ts";

const never = new AbortController().signal;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const story = noticesFor(noticeInput())[0] as Notice;
const route = (channel: string, more: Partial<Route> = {}): Route => ({
  channel,
  namespaces: [],
  labels: [],
  outcomes: [],
  ...more,
});
const ROUTES = [
  route("payments", { namespaces: ["payments", "billing-*"] }),
  route("critical", { labels: parseSelector("tier=critical") }),
  route("oncall", { namespaces: ["payments"], outcomes: ["not recovered"] }),
];

interface Told {
  namespace: string;
  labels?: Record<string, string>;
  outcome?: Outcome | null;
  channel?: string;
}

/** Who gets a message about one workload. */
async function gets({ namespace, labels = {}, outcome = null, channel }: Told, fails: readonly string[] = []) {
  const got: string[] = [];
  const warned: unknown[] = [];
  const at = (name: string) => ({
    async send() {
      got.push(name);
      if (fails.includes(name)) throw new AftershockError("notify-failed", "500", { retryable: true });
      return "sent" as const;
    },
  });
  const log = { debug() {}, info() {}, error() {}, warn: (...all: unknown[]) => void warned.push(all) };
  const named = new Map(["payments", "critical", "oncall"].map((name) => [name, at(name)] as const));
  const notifier = routed({ named, routes: ROUTES, rest: at("rest") }, log);
  const audience = { owner: null, route: channel ?? null, workloads: [{ namespace, labels }] };
  const send = () => notifier.send({ ...story, outcome, audience }, never).catch(() => undefined);
  await send();
  if (fails.length > 0) await send();
  return { got: got.toSorted(), warned };
}

test.each<{ name: string; told: Told; got: string[] }>([
  { name: "a namespace", told: { namespace: "payments", outcome: "recovered" }, got: ["payments"] },
  { name: "a pattern", told: { namespace: "billing-eu", outcome: "not recovered" }, got: ["payments"] },
  { name: "an outcome, too", told: { namespace: "payments", outcome: "not recovered" }, got: ["oncall", "payments"] },
  { name: "a label", told: { namespace: "shop", labels: { tier: "critical" } }, got: ["critical"] },
  {
    name: "no route that fits",
    told: { namespace: "shop", labels: { tier: "low" }, outcome: "not recovered" },
    got: ["rest"],
  },
  {
    name: "the channel that the workload names",
    told: { namespace: "payments", channel: "critical" },
    got: ["critical"],
  },
])("a message goes by $name", async ({ told, got }) => {
  expect((await gets(told)).got).toEqual(got);
});

test("a workload that names a channel nobody configured is told all the same, and logged", async () => {
  const { got, warned } = await gets({ namespace: "payments", channel: "no-such" });
  expect(got).toEqual(["payments"]);
  expect(JSON.stringify(warned)).toContain("no-such");
});

test("a channel that took a message does not get it again when another is tried once more", async () => {
  const { got } = await gets({ namespace: "payments", outcome: "not recovered" }, ["oncall"]);
  expect(got).toEqual(["oncall", "oncall", "payments"]);
});

describe("a channel with a digest", () => {
  const DAILY: DigestRule = { cron: "0 9 * * *", everything: false };
  const calm: Notice = { ...story, outcome: "recovered", atOnce: false };
  const of = (namespace: string, route: string | null = null) => ({
    ...calm,
    audience: { owner: null, route, workloads: [{ namespace, labels: { tier: "critical" } }] },
  });

  /** Channels that get `notice` at once, and those whose digest has it. */
  async function ends(notice: Notice, routes: readonly Route[], rules: Readonly<Record<string, DigestRule>>) {
    const now: string[] = [];
    const at = (name: string) => ({
      async send() {
        now.push(name);
        return "sent" as const;
      },
    });
    const named = new Map(["payments", "critical"].map((name) => [name, at(name)] as const));
    const { "": restDigest = null, ...ofChannels } = rules;
    const digests = new Map(Object.entries(ofChannels));
    const notifier = routed({ named, routes, digests, rest: at("rest"), restDigest }, silent);
    const delivery = await notifier.send(notice, never);
    const later = (notifier.digests ?? []).filter((one) => one.holds(notice)).map(({ channel }) => channel);
    return { now, later, delivery };
  }

  const ROUTES_OF_BOTH = [
    route("payments", { namespaces: ["payments"] }),
    route("critical", { labels: parseSelector("tier=critical") }),
  ];

  test.each<{ name: string; notice: Notice; now: string[]; later: string[] }>([
    { name: "waits, the others do not", notice: of("payments"), now: ["critical"], later: ["payments"] },
    {
      name: "is told at once what somebody has to act on",
      notice: { ...of("payments"), atOnce: true },
      now: ["critical", "payments"],
      later: [],
    },
    {
      name: "is told at once that a verdict was withdrawn",
      notice: { ...of("payments"), kind: "withdrawn" },
      now: ["critical", "payments"],
      later: [],
    },
    {
      name: "waits for what a workload sends there, too",
      notice: of("shop", "payments"),
      now: [],
      later: ["payments"],
    },
    {
      name: "is told at once what is urgent, whoever sends it",
      notice: { ...of("shop", "payments"), atOnce: true },
      now: ["payments"],
      later: [],
    },
  ])("$name", async ({ notice, now, later }) => {
    const ended = await ends(notice, ROUTES_OF_BOTH, { payments: DAILY });
    expect([ended.now.toSorted(), ended.later]).toEqual([now, later]);
  });

  test("that is the only one says that the message is held", async () => {
    expect(await ends(of("shop"), [], { "": DAILY })).toEqual({ now: [], later: [""], delivery: "held" });
  });
});
