import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Browser, chromium, type Page } from "playwright-core";
import { slackMessage } from "../src/adapters/slack/blocks.ts";
import type { ExperimentState } from "../src/core/model/experiment.ts";
import { noticesFor } from "../src/core/report/notices.ts";
import { NOBODY } from "../src/core/text/notice.ts";
import { slackPage } from "./lib/slack-page.ts";

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

/** The message that this experiment is told by, drawn from its blocks: the demo has no Slack. */
async function takeMessage(browser: Browser, address: string, id: string): Promise<void> {
  const answer = await fetch(`${address}/api/experiments/${encodeURIComponent(id)}`);
  const state = (await answer.json()) as ExperimentState;
  const link = `https://aftershock.example.com/experiments/${id}`;
  const about = { id, state, cluster: "demo", previous: null, link, timezone: "UTC", audience: NOBODY };
  const [notice] = noticesFor(about);
  if (notice === undefined) throw new Error(`nobody is told of ${id}`);
  // a page of its own: on one of the dashboard its policy would forbid the style
  const page = await browser.newPage({ viewport: SIZE });
  await page.setContent(slackPage(slackMessage(notice)));
  await page.locator("main").screenshot({ path: join(FOLDER, "slack.png") });
  console.log(`docs/images/slack.png from the message about ${id}`);
}

/** A card of the page, whole: what stands below the part that is seen first. */
async function takeCard(page: Page, { address, name, path, card }: Card): Promise<void> {
  await page.goto(`${address}${path}`);
  await page
    .locator(".card", { hasText: card })
    .first()
    .screenshot({ path: join(FOLDER, `${name}.png`) });
  console.log(`docs/images/${name}.png from ${card} of ${path}`);
}

interface Card {
  readonly address: string;
  readonly name: string;
  readonly path: string;
  readonly card: string;
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
  const path = `/experiments/${encodeURIComponent(worst)}`;
  await takeCard(page, { address: demo.address, name: "blast-radius", path, card: "Blast radius" });
  await takeCard(page, { address: demo.address, name: "charts", path, card: "Service by service" });
  await takeMessage(browser, demo.address, worst);
  await take(page, demo.address, "map", "/map");
  await take(page, demo.address, "report", `/reports/${week}`);
} finally {
  await browser.close();
  await demo.stop();
}
