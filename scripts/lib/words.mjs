/** Phrases that are retired, and what is written instead: docs/glossary.md. */
const RETIRED = [
  [/bore every|bore all/i, "unaffected by every fault"],
  [/nobody noticed/i, "no service was affected"],
  [/late is never/i, "too late: missed slots are not run"],
  [/weakness(?:es)? that stands?\b/i, "open findings"],
  [/what it felt/i, "effect on this service"],
  [/no policy may hit/i, "no policy selects it"],
  [/for want of/i, "OOM-killed, or what is missing"],
  [/nobody (?:ordered|understands|asked)/i, "natural failure, unknown, or not asked for"],
  [/cries wrongly/i, "raises a false alarm"],
  [/\b(?:is|are) to blame\b/i, "is the cause"],
  [/\b(?:undo(?:es)?|takes? back|undoing) what stands\b/i, "active faults"],
];

const WIDEST_COMMENT = 100;

/** Retired phrases of a text, with their lines. A phrase may be broken over two lines. */
export function retiredIn(text) {
  return RETIRED.flatMap(([phrase, instead]) =>
    [...text.matchAll(new RegExp(phrase.source.replaceAll(" ", "\\s+(?:\\*\\s+|//\\s+|#\\s+)?"), "gi"))].map(
      (match) => ({
        line: text.slice(0, match.index).split("\n").length,
        says: `"${match[0].replaceAll(/\s+/g, " ")}" is retired: ${instead}`,
      }),
    ),
  );
}

/**
 * Comment lines of a source that are wider than 100 columns; a long address and an example of code
 * may be.
 */
export function wideCommentsIn(text) {
  return text
    .split("\n")
    .flatMap((line, i) =>
      /^\s*(\/\/|\*( |\/|$)|\/\*)/.test(line) &&
      !line.includes("@example") &&
      [...line].length > WIDEST_COMMENT &&
      !/https?:\/\/\S{60}/.test(line)
        ? [{ line: i + 1, says: `the comment is ${[...line].length} columns wide, ${WIDEST_COMMENT} at most` }]
        : [],
    );
}
