import { AftershockError } from "../../core/model/error.ts";

/** Keys and indexes from the root of the file to a value. */
export type Path = readonly (string | number)[];

/** One thing that is wrong in a configuration file. */
export interface Problem {
  readonly path: Path;
  /** Line in the file, from 1; null when there is none to point at. */
  readonly line: number | null;
  /** What was expected, what was found, what to write instead. Never a secret. */
  readonly message: string;
}

/** `policies[0].schedule.timezone`; keys that are not plain words are quoted. */
function formatPath(path: Path): string {
  return path
    .map((key, i) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `[${JSON.stringify(key)}]`;
      return i === 0 ? key : `.${key}`;
    })
    .join("");
}

/** One line for one problem: `line 12, policies[0].schedule.timezone: unknown time zone …`. */
export function formatProblem({ path, line, message }: Problem): string {
  const where = [line === null ? "" : `line ${line}`, formatPath(path)].filter((part) => part !== "").join(", ");
  return where === "" ? message : `${where}: ${message}`;
}

/** The error that names every problem of `file` at once. */
export function configInvalid(file: string, problems: readonly Problem[]): AftershockError {
  const sorted = problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const count = sorted.length === 1 ? "1 problem" : `${sorted.length} problems`;
  const lines = sorted.map((problem) => `  ${formatProblem(problem)}`);
  return new AftershockError("config-invalid", [`${file} has ${count}:`, ...lines].join("\n"), {
    hint: "docs/configuration.md lists every key",
  });
}
