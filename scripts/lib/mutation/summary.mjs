import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../paths.mjs";

/** Longest piece of code in a line about a survivor. */
const PIECE_CHARS = 70;

const piece = (code) => {
  const line = code.replace(/\s+/g, " ").trim();
  return line.length <= PIECE_CHARS ? line : `${line.slice(0, PIECE_CHARS - 1)}…`;
};

/**
 * @typedef {{
 *   file: string, line: number, mutator: string, change: string, reached: boolean, judged: boolean
 * }} Survivor
 */

/**
 * Score and survivors of tested mutants.
 * @param {readonly any[]} mutants as Stryker tells them
 * @param {string} judged text that names survivors somebody has judged
 */
export function summarise(mutants, judged = readJudged()) {
  const having = (...statuses) => mutants.filter((one) => statuses.includes(one.status));
  const survivors = having("Survived", "NoCoverage")
    .map((one) => survivorOf(one, judged))
    .toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  const killed = having("Killed", "Timeout").length;
  const counted = killed + survivors.length;
  return {
    mutants: counted,
    killed,
    by_time_limit: having("Timeout").length,
    score: counted === 0 ? null : Number(((100 * killed) / counted).toFixed(1)),
    not_counted: mutants.length - counted,
    survivors,
  };
}

/** @returns {Survivor} */
function survivorOf({ fileName, location, mutatorName, replacement, status }, judged) {
  const file = fileName.replaceAll("\\", "/").replace(`${ROOT}/`, "");
  const change = `${piece(codeAt(file, location))} → ${piece(replacement)}`;
  const known = judged.includes(`${file.split("/").at(-1)}: ${change}`);
  return {
    file,
    line: location.start.line,
    mutator: mutatorName,
    change,
    reached: status !== "NoCoverage",
    judged: known,
  };
}

/** The judged survivors: `test/mutation/survivors.md` names each by its file and its change. */
const readJudged = () => readFileSync(join(ROOT, "test", "mutation", "survivors.md"), "utf8");

function codeAt(file, { start, end }) {
  const lines = readFileSync(join(ROOT, file), "utf8")
    .split("\n")
    .slice(start.line - 1, end.line);
  lines[lines.length - 1] = (lines.at(-1) ?? "").slice(0, end.column - 1);
  return [(lines[0] ?? "").slice(start.column - 1), ...lines.slice(1)].join("\n");
}

/** What a person reads: the score, then the survivors, those first that nobody judged. */
export function written(what, { mutants, killed, by_time_limit, score, not_counted, survivors }) {
  if (mutants === 0) return [`${what}: no mutant`];
  const texts = survivors.filter((one) => one.mutator === "StringLiteral").length;
  const judged = survivors.filter((one) => one.judged);
  const line = (one) =>
    `  ${one.file}:${one.line} ${one.mutator}${one.reached ? "" : ", reached by no test"}\n    ${one.file.split("/").at(-1)}: ${one.change}`;
  return [
    `${what}: ${killed} of ${mutants} mutants killed (${score} %), ${by_time_limit} of them by the time limit`,
    `${survivors.length} survived, ${texts} of them changes of a text (StringLiteral); ${judged.length} are judged in test/mutation/survivors.md`,
    ...(not_counted === 0 ? [] : [`${not_counted} could not be tested and are not counted`]),
    ...survivors.filter((one) => !one.judged).map(line),
    ...(judged.length === 0 ? [] : ["judged before:", ...judged.map(line)]),
  ];
}
