import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import type { Io } from "../../../src/main/io.ts";
import { runCli } from "../../../src/main/program.ts";
import { kubeconfigFile } from "../kubernetes/support/serve.ts";
import { type TinyApi, tinyApi } from "../kubernetes/support/tiny-api.ts";

const config = (teams: string) => `cluster: test
mode: inject
prometheus: { url: http://127.0.0.1:9 }
policies:
  - name: own
    schedule: { cron: "0 9 * * *" }
    target: { namespaces: [go-app] }
    faults: [{ kind: pod-evict }]
${teams}`;
const TEAMS = "teams: { namespaces: [shop] }\n";
const EXAMPLE = parse(
  readFileSync(join(import.meta.dirname, "../../../deploy/examples/teams/orders.yaml"), "utf8"),
) as Record<string, unknown>;
const MAPS = "/api/v1/namespaces/shop/configmaps";
const LABELS = { "aftershock.dev/policy": "true" };

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aftershock-teams-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(api: TinyApi, args: readonly string[], teams = TEAMS) {
  writeFileSync(join(folder, "aftershock.yaml"), config(teams));
  let out = "";
  let err = "";
  const io: Io = {
    env: { KUBECONFIG: kubeconfigFile(folder, api.url) },
    cwd: folder,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    terminal: false,
    signal: new AbortController().signal,
  };
  return { code: await runCli(args, io), out, err };
}

test("the example is followed, and a broken policy beside it is named with its reason", async () => {
  await using api = await tinyApi();
  api.put(`${MAPS}/orders`, EXAMPLE);
  const broken = { namespace: "shop", name: "broken", labels: LABELS };
  api.put(`${MAPS}/broken`, { metadata: broken, data: { "policy.yaml": "faults: [{ kind: pod-kill }]" } });
  const { code, out } = await run(api, ["plan", "--days", "7"]);
  expect(code).toBe(0);
  expect(out).toMatch(/ {2}shop\.orders/);
  expect(out).toMatch(/ {2}own/);
  expect(out).toMatch(/not followed: shop\.broken: .*schedule: is missing/);
  const { out: json } = await run(api, ["plan", "--json"]);
  expect(JSON.parse(json)).toMatchObject({ notFollowed: [{ policy: "shop.broken" }] });
});

test("nothing that a team writes steers the terminal of whoever prints it", async () => {
  await using api = await tinyApi();
  const evil = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\u2066\u200f\r";
  const broken = { namespace: "shop", name: "broken", labels: LABELS };
  api.put(`${MAPS}/broken`, {
    metadata: broken,
    data: { "policy.yaml": JSON.stringify({ faults: [{ kind: evil }], [evil]: 1 }), [evil]: "x" },
  });
  for (const args of [["plan"], ["plan", "--json"], ["why-not"], ["doctor"]]) {
    const { out, err } = await run(api, args);
    expect(`${args.join(" ")}: ${out}${err}`).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  }
  const { out } = await run(api, ["plan"]);
  expect(out).toContain("\\u001b]0;owned\\u0007");
  const { err } = await run(api, ["plan", `--${evil}`]);
  expect(err).toContain("\\u001b]0;owned\\u0007");
  expect(err).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  const { out: json } = await run(api, ["plan", "--json"]);
  expect(JSON.stringify(JSON.parse(json))).toContain("\u202e");
}, 60_000);

test("without teams in the configuration no cluster is asked, and no right to ConfigMaps is printed", async () => {
  await using api = await tinyApi();
  api.put(`${MAPS}/orders`, EXAMPLE);
  const { out } = await run(api, ["plan"], "");
  expect(out).not.toContain("shop");
  expect(api.connections()).toBe(0);
  expect((await run(api, ["rbac"], "")).out).not.toContain("configmaps");
});

interface Role {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string };
  readonly rules?: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

test("`aftershock rbac` prints what policies of teams take, in their namespaces alone", async () => {
  await using api = await tinyApi();
  const rulesOf = async (teams: string) => {
    const { items } = JSON.parse((await run(api, ["rbac", "--json"], teams)).out) as { items: readonly Role[] };
    return items.flatMap(({ kind, metadata, rules = [] }) =>
      rules.flatMap(({ resources, verbs }) =>
        verbs.map((verb) => `${kind} ${metadata.namespace ?? "*"}: ${verb} ${resources.join()}`),
      ),
    );
  };
  const armed = await rulesOf(TEAMS);
  const own = await rulesOf("");
  const added = armed.filter((rule) => !own.includes(rule));
  expect(added.every((rule) => rule.startsWith("Role shop: "))).toBe(true);
  expect(added).toEqual(
    expect.arrayContaining([
      ...["list configmaps", "watch configmaps", "create events", "delete pods", "create pods/eviction"].map(
        (right) => `Role shop: ${right}`,
      ),
    ]),
  );
  const sham = await rulesOf("teams: { namespaces: [shop], mode: sham }\n");
  expect(sham.filter((rule) => rule.startsWith("Role shop: ") && /delete|eviction/.test(rule))).toEqual([]);
});
