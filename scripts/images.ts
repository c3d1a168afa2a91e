import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Page } from "playwright-core";

/**
 * Makes the pictures of `docs/images` from a demo that has been told: `npm run images`. Needs
 * Chromium (`CHROMIUM` names another one than /usr/bin/chromium).
 */
const ROOT = join(import.meta.dirname, "..");
const FOLDER = join(ROOT, "docs/images");
const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** As much of a page as is read in a document. */
const SIZE = { width: 1200, height: 1100 };

/** The address of a demo whose story is over, and what ends it. */
async function toldDemo(): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [join(ROOT, "dist/aftershock.mjs"), "demo"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /The dashboard stays at (\S+)/.exec(line)?.[1];
    if (address === undefined) continue;
    return {
      address,
      async stop() {
        child.kill("SIGINT");
        await once(child, "exit");
      },
    };
  }
  throw new Error("the demo ended before its story did");
}

/** The experiment with the worst outcome: what the story is about. */
async function worstExperiment(address: string): Promise<string> {
  const answer = await fetch(`${address}/api/experiments?outcome=not%20recovered&limit=1`);
  const [worst] = (await answer.json()) as { readonly plan: { readonly id: string } }[];
  if (worst === undefined) throw new Error("no experiment of the demo ended as not recovered");
  return worst.plan.id;
}

async function take(page: Page, address: string, name: string, path: string): Promise<void> {
  await page.goto(`${address}${path}`);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  console.log(`docs/images/${name}.png from ${path}`);
}

mkdirSync(FOLDER, { recursive: true });
const demo = await toldDemo();
const browser = await chromium.launch({ executablePath: BROWSER, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: SIZE });
  const worst = await worstExperiment(demo.address);
  const [week] = (await (await fetch(`${demo.address}/api/reports`)).json()) as readonly string[];
  await take(page, demo.address, "overview", "/");
  await take(page, demo.address, "experiment", `/experiments/${encodeURIComponent(worst)}`);
  await take(page, demo.address, "map", "/map");
  await take(page, demo.address, "report", `/reports/${week}`);
} finally {
  await browser.close();
  await demo.stop();
}
