import { readFileSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { AxeResults } from "axe-core";
import { chromium } from "playwright-core";
import { findProgram } from "../../test/support/requires.ts";
import { readOptions } from "../lib/options.ts";
import { viewsModule } from "../lib/views.ts";

const USAGE = `Measures the pages of an installation that has run for months, and looks for what keeps people from reading them.

  npm run bench:pages -- [--experiments 5000] [--services 300] [--rounds 5] [--json FILE]

  pages           of each: ms of CPU that the server takes (median of the rounds, its caches of seconds run out), and compressed bytes
  axe_violations  of axe-core in Chromium, over every page, light and dark, desk and phone (-1: no Chromium)`;

const BUDGET = { ms: 100, overviewMs: 50, bytes: 60_000 };
/** What was read is kept for at most two seconds. */
const FORGOTTEN_MS = 2_100;
const SCREENS = [
  { name: "desk", width: 1_280 },
  { name: "phone", width: 390 },
] as const;

interface Page {
  readonly path: string;
  readonly ms: number;
  readonly bytes: number;
}

/** Bytes of one answer as they were sent; rejects unless it is a page. */
function bytesOf(url: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  get(url, { headers: { "accept-encoding": "gzip" } }, (answer) => {
    let bytes = 0;
    answer.on("data", (part: Buffer) => (bytes += part.length));
    answer.on("error", reject);
    answer.on("end", () =>
      answer.statusCode === 200 ? resolve(bytes) : reject(new Error(`${url} answered ${answer.statusCode}`)),
    );
  }).on("error", reject);
  return promise;
}

async function measure(base: string, path: string, rounds: number): Promise<Page> {
  const spent: number[] = [];
  let bytes = 0;
  for (let i = 0; i < rounds; i++) {
    await sleep(FORGOTTEN_MS);
    const before = process.cpuUsage();
    bytes = await bytesOf(base + path);
    const { user, system } = process.cpuUsage(before);
    spent.push((user + system) / 1_000);
  }
  return { path, ms: spent.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!, bytes };
}

/** What axe finds, one line each. */
async function violationsOf(base: string, paths: readonly string[]): Promise<readonly string[]> {
  const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const browser = await chromium.launch({ executablePath: findProgram("chromium")!, args: ["--no-sandbox"] });
  const found: string[] = [];
  try {
    for (const { name, width } of SCREENS)
      for (const colorScheme of ["light", "dark"] as const) {
        // the pages forbid scripts, also this one
        const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
        const page = await context.newPage();
        for (const path of paths) {
          await page.goto(base + path);
          await page.evaluate(source);
          const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
          for (const { id, nodes } of violations)
            found.push(`${path} ${name} ${colorScheme}: ${id} (${nodes.length}): ${nodes[0]?.html}`);
        }
        await context.close();
      }
  } finally {
    await browser.close();
  }
  return found;
}

async function main(): Promise<number> {
  const values = readOptions(USAGE, {
    experiments: { number: 5_000, least: 100 },
    services: { number: 300, least: 10 },
    rounds: { number: 5, least: 1 },
    json: { text: undefined },
  });
  type Installation = typeof import("./installation.ts");
  const { openInstallation } = await viewsModule<Installation>("bench/pages/installation.ts");
  const { listener, experiment, service, week } = await openInstallation(values);
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const paths = [
    "/",
    "/experiments",
    "/experiments?outcome=not+recovered",
    `/experiments/${experiment}`,
    "/services",
    `/services/${service}`,
    "/map",
    "/findings",
    "/risks",
    `/reports/${week}`,
    "/help",
  ];
  try {
    // compiled, and every experiment's line read, as after a worker's first minutes
    for (const path of paths) await bytesOf(base + path);
    const pages: Page[] = [];
    for (const path of paths) pages.push(await measure(base, path, values.rounds));
    const violations = findProgram("chromium") === null ? null : await violationsOf(base, paths);
    for (const { path, ms, bytes } of pages)
      console.log(`${path.padEnd(48)}${ms.toFixed(1).padStart(8)} ms${String(bytes).padStart(9)} bytes`);
    for (const line of violations ?? []) console.log(line);
    console.log(`axe_violations ${violations?.length ?? -1}`);
    const result = { pages, axe_violations: violations?.length ?? -1 };
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
    const fits = pages.every(
      ({ path, ms, bytes }) => ms < (path === "/" ? BUDGET.overviewMs : BUDGET.ms) && bytes < BUDGET.bytes,
    );
    return fits && (violations?.length ?? 0) === 0 ? 0 : 1;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

process.exitCode = await main();
