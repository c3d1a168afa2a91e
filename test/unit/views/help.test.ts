import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { VerdictKind } from "../../../src/core/model/verdict.ts";
import { howOftenWrong, MEASURED } from "../../../src/core/text/error-rate.ts";
import { TERMS, VERDICT_MEANS } from "../../../src/core/text/glossary.ts";
import { createWeb } from "../../../src/views/web.tsx";
import { OPEN_ID, webData } from "../../support/web.ts";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
/** Rows of the tables under a heading, by their first cell. */
function rowsUnder(text: string, heading: string): Readonly<Record<string, string>> {
  const part = text.slice(text.indexOf(heading) + heading.length).split("\n## ")[0] ?? "";
  const rows = part.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("|--"));
  return Object.fromEntries(
    rows.slice(1).map((line) => {
      const [first = "", second = ""] = line
        .split("|")
        .slice(1)
        .map((cell) => cell.trim());
      return [first, second.replaceAll(/[`*]/g, "")];
    }),
  );
}

describe("what pages say of words and of trust is what the documents say", () => {
  test("terms", () => expect(TERMS).toEqual(rowsUnder(read("docs/glossary.md"), "## Terms")));

  test("verdicts", () =>
    expect(VERDICT_MEANS).toEqual(rowsUnder(read("docs/how-verdicts-are-made.md"), "## What became of it?")));

  test("measured error rates", () => {
    const plain = Object.fromEntries(
      Object.entries(rowsUnder(read("docs/how-verdicts-are-made.md"), "## How often is it wrong?")).map(
        ([what, rate]) => [what.replaceAll("*", "").toLowerCase(), rate],
      ),
    );
    expect(Object.fromEntries(MEASURED.map(({ what, rate }) => [what.toLowerCase(), rate]))).toEqual(plain);
  });
});

const page = async (path: string): Promise<string> =>
  (await createWeb(webData()).request(`http://127.0.0.1${path}`)).text();

test.each(Object.keys(VERDICT_MEANS) as VerdictKind[])("%s says in one sentence how often it is wrong", (kind) => {
  const sentence = howOftenWrong(kind, false);
  expect(sentence.match(/\.( |$)/g)).toHaveLength(1);
  expect(sentence.split(" ").length).toBeLessThanOrEqual(20);
});

test("an experiment's page says it of its outcome and of every verdict, with the way to more", async () => {
  const html = await page(`/experiments/${OPEN_ID}`);
  const open = webData();
  const { state } = (await open.experiment(OPEN_ID))!;
  for (const { verdict, learning } of state.judgement!.verdicts)
    expect(html, verdict.kind).toContain(howOftenWrong(verdict.kind, learning));
  expect(html).toContain(`<p class="sub trust">${howOftenWrong("persistent", true)} <a href="/help#wrong">`);
});

test("words are explained where they stand, and on a page of their own", async () => {
  expect(await page("/")).toContain('title="something got worse and has not been seen to come back"');
  const help = await page("/help");
  expect(help).toContain('id="wrong"');
  for (const [term, means] of Object.entries(TERMS)) {
    expect(help).toContain(`<dt id="${term.replaceAll(/[^a-z]+/g, "-")}">`);
    expect(help).toContain(means.replaceAll("'", "&#39;"));
  }
});
