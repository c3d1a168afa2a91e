import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FindingEvent, findingStream } from "../../../src/core/model/journal.ts";
import type { Io } from "../../../src/main/io.ts";
import { runCli } from "../../../src/main/program.ts";
import { openJournal } from "../../../src/main/setup/configured.ts";
import { kubeconfigFile } from "../kubernetes/support/serve.ts";
import { type TinyApi, tinyApi } from "../kubernetes/support/tiny-api.ts";

const CONFIG = `cluster: test
prometheus: { url: http://127.0.0.1:9 }
storage: { url: "embedded:./data" }
calendar: { timezone: Europe/Berlin }
slack: { webhookUrl: { env: NOT_HERE } }
policies:
  - name: pods
    schedule: { cron: "0 9 * * *" }
    target: { namespaces: [go-app] }
    faults: [{ kind: pod-delete }]
`;
const ID = "stale-connection:Deployment:go-app:go-app";
const SEEN: FindingEvent = {
  kind: "seen",
  experimentId: "go-app-pods-20260306T091500Z",
  weakness: "stale-connection",
  workload: "Deployment/go-app/go-app",
  title: "go-app does not reconnect to go-app-db",
  status: "new",
};

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aftershock-findings-"));
  writeFileSync(join(folder, "aftershock.yaml"), CONFIG);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The CLI with one finding in its journal, of a person whom the API server knows as jane. */
async function cli(api: TinyApi) {
  const body = { kind: "SelfSubjectReview", status: { userInfo: { username: "jane@example.com" } } };
  api.intercept(({ resource }) => (resource === "selfsubjectreviews" ? { code: 201, body } : undefined));
  const said = { out: "", err: "" };
  const io: Io = {
    env: { KUBECONFIG: kubeconfigFile(folder, api.url), AFTERSHOCK_USER: "ada", NOT_HERE: "http://127.0.0.1:9/x" },
    cwd: folder,
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    terminal: false,
    signal: new AbortController().signal,
  };
  {
    await using opened = await openJournal({ config: "aftershock.yaml" }, io);
    await opened.journal.append(findingStream(ID), 0, [SEEN], { atMs: 1, indexMs: 1, open: true });
  }
  return async (...argv: string[]) => {
    Object.assign(said, { out: "", err: "" });
    return { code: await runCli(argv, io), ...said };
  };
}

test("a finding is muted, accepted and assigned by somebody, and the list says so in sentences", async () => {
  await using api = await tinyApi();
  const run = await cli(api);
  const until = ["--until", "2099-12-04", "--why", "the driver's next release"];
  expect((await run("findings", "mute", "stale", ...until)).out).toMatch(
    /^Muted until 2099-12-05 00:00 \(Europe\/Berlin\)/,
  );
  expect((await run("findings", "assign", ID, "--to", "payments")).code).toBe(0);
  const { out } = await run("findings");
  expect(out).toBe(`go-app does not reconnect to go-app-db (new).
  In Deployment go-app/go-app. Seen once, last looked at in
  go-app-pods-20260306T091500Z.
  Muted until 2099-12-05 00:00 (Europe/Berlin) by ada (jane@example.com): the
  driver's next release.
  Assigned to payments by ada (jane@example.com).
  Id: stale-connection:Deployment:go-app:go-app

`);
  await run("findings", "unmute", ID);
  expect((await run("findings", "accept", ID, "--why", "legacy")).code).toBe(0);
  const json = JSON.parse((await run("findings", "--json")).out);
  expect(json.findings[0].handling).toMatchObject({
    muted: null,
    accepted: { why: "legacy", by: "ada (jane@example.com)" },
  });
}, 60_000);

test.each([
  {
    name: "an end that is past",
    argv: ["mute", ID, "--until", "2020-01-01", "--why", "x"],
    says: '--until: "2020-01-01" is past',
  },
  { name: "no reason", argv: ["mute", ID, "--until", "2099-01-01"], says: "--why TEXT" },
  { name: "no end", argv: ["mute", ID, "--why", "x"], says: "--until DATE" },
  { name: "an unknown finding", argv: ["accept", "nothing", "--why", "x"], says: "no finding nothing is known" },
  { name: "an unknown action", argv: ["hide", ID], says: "Allowed choices are mute, unmute, accept, assign" },
])(
  "$name is refused, and nothing is written",
  async ({ argv, says }) => {
    await using api = await tinyApi();
    const run = await cli(api);
    const { code, err } = await run("findings", ...argv);
    expect(err).toContain(says);
    expect(code).not.toBe(0);
    expect(JSON.parse((await run("findings", "--json")).out).findings[0].handling).toBeNull();
  },
  60_000,
);
