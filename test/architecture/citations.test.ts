import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const SOURCES = ["src", "rules", "bench", "scripts", "test"];
/** Documents that lie outside the repository: nobody who reads the code can open them. */
const ELSEWHERE = /\b(DESIGN|STYLE|ground-truth|field-notes)(\.md)? §/;

interface Citation {
  readonly path: string;
  readonly document: string;
  readonly section: string;
}

const textFiles = SOURCES.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(tsx?|mjs|yaml)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
).filter((path) => !path.startsWith("test/architecture"));

const citationsIn = (path: string, text: string): Citation[] =>
  [...text.matchAll(/\b([a-z-]+\.md)((?:,? (?:and )?§[0-9]+(?:\.[0-9]+)*)+)/g)].flatMap(([, document, sections]) =>
    [...sections!.matchAll(/§([0-9.]*[0-9])/g)].map(([, section]) => ({
      path,
      document: document!,
      section: section!,
    })),
  );

const hasSection = ({ document, section }: Citation): boolean => {
  const text = readFileSync(join(ROOT, "docs", document), "utf8");
  return new RegExp(`^#+ ${section.replaceAll(".", "\\.")}\\.? `, "m").test(text);
};

describe("comments cite what a reader can open", () => {
  const texts = textFiles.map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
  const cited = texts.flatMap(({ path, text }) => citationsIn(path, text));

  test("every cited section exists in docs/", () => {
    expect(cited.length).toBeGreaterThan(90);
    expect(cited.filter((one) => !hasSection(one))).toEqual([]);
  });

  test("no document outside the repository is cited", () => {
    expect(texts.filter(({ text }) => ELSEWHERE.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

test("citations are read with all their sections, and a missing one is noticed", () => {
  const found = citationsIn("a.ts", "the T of judge.md §2.4 and §2.5. See design.md §6.");
  expect(found.map(({ document, section }) => `${document} ${section}`)).toEqual([
    "judge.md 2.4",
    "judge.md 2.5",
    "design.md 6",
  ]);
  expect(found.every(hasSection)).toBe(true);
  expect(hasSection({ path: "a.ts", document: "judge.md", section: "2.99" })).toBe(false);
});
