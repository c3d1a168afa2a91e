import { describe, expect, test } from "vitest";
import { jsonLog } from "../../../src/adapters/log/json.ts";
import { plainLog } from "../../../src/adapters/log/plain.ts";
import { redactor } from "../../../src/adapters/log/redact.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import type { Log } from "../../../src/ports/log.ts";

const AT = Date.parse("2026-03-06T09:15:00Z");
const HOOK = "https://hooks.slack.com/services/T000/B000/hushhush";

const OPEN = { code: "x" };
const CYCLE: Record<string, unknown> = { name: "loop" };
CYCLE.self = CYCLE;

/** Places in which a secret was seen to reach a log. */
const LEAKS: readonly { name: string; fields: Record<string, unknown> }[] = [
  { name: "a webhook in a text", fields: { why: `POST ${HOOK} failed` } },
  { name: "a webhook in a field of another name", fields: { url: HOOK } },
  { name: "a field that is a secret by name", fields: { slack: { webhookUrl: "hushhush" } } },
  { name: "an address with a password", fields: { url: "redis://default:hushhush@redis:6379/0" } },
  { name: "an address with an @ in the password", fields: { url: "postgres://u:hush@hushhush@db/x" } },
  { name: "an address with only a token", fields: { url: "https://hushhush@prom.example/api" } },
  { name: "a bearer token in a header", fields: { headers: { Authorization: "Bearer hushhush" } } },
  { name: "a bearer token in a text", fields: { why: "sent authorization: Bearer hushhush-1234" } },
  { name: "a token in a query", fields: { url: "https://a.example/x?token=hushhush&y=1" } },
  { name: "a password in an error's message", fields: { cause: new Error("connect redis://x:hushhush@h:1 refused") } },
  { name: "a cause within a cause", fields: { cause: new Error("a", { cause: new Error(`b ${HOOK}`) }) } },
  { name: "an item of a list", fields: { tried: [["ok", `x ${HOOK}`]] } },
  { name: "an entry of a map", fields: { env: new Map([["DB_PASSWORD", "hushhush"]]) } },
  { name: "an item of a set", fields: { urls: new Set([HOOK]) } },
  { name: "a service account's token", fields: { why: "eyJhbGciOi.eyJzdWIiOi.hushhush" } },
  { name: "a Slack token", fields: { why: "using xoxb-1234-hushhush" } },
  { name: "a value from the configuration", fields: { anything: "the tenant is hushhush!" } },
  { name: "a URL object", fields: { url: new URL("https://u:hushhush@a.example/") } },
];

const logs: readonly { name: string; open: (write: (line: string) => void) => Log }[] = [
  { name: "the JSON log", open: (write) => jsonLog({ level: "debug", write, redact: ["hushhush"], nowMs: () => AT }) },
  {
    name: "the plain log",
    open: (write) => plainLog({ level: "debug", write, redact: ["hushhush"], nowMs: () => AT }),
  },
];

describe.each(logs)("$name", ({ open }) => {
  const written = (use: (log: Log) => void): string[] => {
    const lines: string[] = [];
    use(open((line) => lines.push(line)));
    return lines;
  };

  test.each(LEAKS)("never writes $name", ({ fields }) => {
    const lines = written((log) => log.error("went wrong", fields));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("hushhush");
    expect(lines[0]).toContain("[redacted]");
  });

  test("never writes a secret in the message either", () =>
    expect(written((log) => log.warn(`posting to ${HOOK}`))[0]).not.toContain("hushhush"));

  test("is one line whatever is in it, and ends in a line break", () => {
    const [line] = written((log) =>
      log.info("a\nb", { text: "c\r\nd\u001b[31m", big: 1n, view: new Float64Array(2), cycle: CYCLE }),
    );
    expect(line).toMatch(/^[^\n]*\n$/);
    expect(line).not.toContain("\u001b");
  });

  test("writes what is needed to act", () => {
    const cause = new AftershockError("source-unavailable", "Prometheus did not answer", {
      hint: "check prometheus.url",
    });
    const [line] = written((log) => log.error("cannot judge", { experiment: "e1", cause }));
    for (const part of [
      "cannot judge",
      "e1",
      "source-unavailable",
      "Prometheus did not answer",
      "check prometheus.url",
    ]) {
      expect(line).toContain(part);
    }
  });
});

describe("without knowing the secret", () => {
  test.each(LEAKS.filter(({ name }) => name !== "a value from the configuration"))(
    "its shape gives $name away",
    ({ fields }) => expect(JSON.stringify(redactor()(fields))).not.toContain("hushhush"),
  );

  test.each([
    ["a service of Kubernetes", "https://10.0.0.1/api/v1/namespaces/x/services/y"],
    ["a plain address", "http://prometheus.istio-system:9090/api/v1/query"],
    ["an e-mail address", "owner@example.com"],
    ["a sentence", "the token was renewed; basic checks passed"],
  ])("%s stays as it is", (_, text) => expect(redactor()(text)).toBe(text));

  test("a fencing token is a number, not a secret", () => expect(redactor()({ token: 7 })).toEqual({ token: 7 }));
  test("plain objects stay", () => expect(redactor()(OPEN)).toEqual(OPEN));
});

test("the JSON log has one shape", () => {
  const lines: string[] = [];
  const log = jsonLog({ level: "info", write: (line) => lines.push(line), nowMs: () => AT });
  log.debug("not written");
  log.info("an experiment was judged", { experiment: "e1", level: "x" });
  expect(lines).toEqual([
    '{"level":"info","time":"2026-03-06T09:15:00.000Z","experiment":"e1","level_":"x","msg":"an experiment was judged"}\n',
  ]);
});

test("the plain log is for people", () => {
  const lines: string[] = [];
  const log = plainLog({ level: "info", write: (line) => lines.push(line), nowMs: () => AT });
  log.debug("not written");
  log.warn("Prometheus is slow", { tookMs: 4_200, why: "two words", query: undefined, list: ["a"] });
  expect(lines).toEqual(['09:15:00 warn  Prometheus is slow  tookMs=4200  why="two words"  list=["a"]\n']);
  plainLog({ level: "warn", write: (line) => lines.push(line), colour: true }).error("no");
  expect(lines[1]).toBe("\u001b[31merror\u001b[0m no\n");
});
