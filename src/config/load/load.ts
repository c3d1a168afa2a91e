import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { AftershockError } from "../../core/model/error.ts";
import { crossChecks } from "../policy/cross-checks.ts";
import { explain, problemsOf } from "../problems/explain.ts";
import { configInvalid, type Problem } from "../problems/problem.ts";
import { namedFileReader, type ReadNamed, type Report } from "../problems/read-named.ts";
import { readYaml } from "../problems/yaml.ts";
import { CONFIG } from "../schema/schema.ts";
import type { Config } from "./config.ts";
import { geometryProblems } from "./geometry.ts";
import { toConfig } from "./to-config.ts";

export type Environment = Readonly<Record<string, string | undefined>>;
export type ReadFile = (path: string) => Promise<string>;

/** What a configuration may refer to. */
export interface ConfigContext {
  /** The file's own path: names in it are relative to its folder. */
  readonly file: string;
  readonly env: Environment;
  readonly readFile: ReadFile;
  readonly options?: ReadOptions;
}

export interface ReadOptions {
  /**
   * Secrets that are not here are taken for empty instead of being a problem: for commands that use
   * none of them.
   */
  readonly withoutSecrets?: boolean;
  /** Holidays that ended before may close nothing, and only those near it are kept. */
  readonly nowMs?: number;
}

export interface LoadedConfig {
  readonly config: Config;
  /** SHA-256 of everything that was read except secrets: the same text, the same configuration. */
  readonly hash: string;
}

/**
 * Reads a configuration file.
 * @throws AftershockError `config-invalid` that lists every problem with its path, its line and
 * what was expected
 */
export async function loadConfig(
  file: string,
  env: Environment,
  readFile: ReadFile,
  options: ReadOptions = {},
): Promise<LoadedConfig> {
  let text: string;
  try {
    text = await readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unreadable";
    const what = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    throw new AftershockError("config-invalid", `configuration file ${file} ${what}`, {
      hint: "name one with --config FILE; docs/configuration.md has an example to start from",
      cause,
    });
  }
  return parseWithHash(text, { file, env, readFile, options });
}

/** The same from text. Files that the text names are read through `context.readFile`. */
export async function parseConfig(text: string, context: ConfigContext): Promise<Config> {
  return (await parseWithHash(text, context)).config;
}

async function parseWithHash(text: string, context: ConfigContext): Promise<LoadedConfig> {
  const yaml = readYaml(text);
  const problems: Problem[] = [...yaml.problems];
  const report: Report = (path, message) => problems.push({ path, line: yaml.lineOf(path), message });
  const fail = () => configInvalid(basename(context.file), problems);
  if (yaml.data === undefined) throw fail();

  for (const { path, message } of crossChecks(yaml.data)) report(path, message);
  const parsed = CONFIG.safeParse(yaml.data, { error: explain });
  if (!parsed.success) {
    problems.push(...problemsOf(parsed.error, yaml));
    throw fail();
  }
  for (const { path, message } of geometryProblems(parsed.data.observation)) report(path, message);

  const hash = createHash("sha256").update(text);
  const readNamed = namedFileReader(context.file, context.readFile, report);
  const hashed: ReadNamed = async (path, name) => {
    const read = await readNamed(path, name);
    hash.update(`\0${name}\0${read}`);
    return read;
  };
  const { withoutSecrets = false, nowMs = null } = context.options ?? {};
  const reportSecret: Report = withoutSecrets ? () => undefined : report;
  const config = await toConfig(parsed.data, {
    env: context.env,
    nowMs,
    folder: dirname(context.file),
    readPublic: hashed,
    readSecretFile: namedFileReader(context.file, context.readFile, reportSecret),
    report,
    reportSecret,
  });
  if (problems.length > 0) throw fail();
  return { config, hash: hash.digest("hex") };
}
