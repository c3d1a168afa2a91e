import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { AftershockError } from "../../core/model/error.ts";
import { type Environment, type LoadedConfig, loadConfig, type ReadFile } from "./load.ts";

/** Editors and kubelet change several files at once: wait until it is quiet. */
const QUIET_MS = 250;
/** Some file systems tell nobody of changes. */
const LOOK_ANYWAY_MS = 30_000;

export interface WatchOptions {
  readonly file: string;
  readonly env: Environment;
  readonly readFile: ReadFile;
  readonly nowMs: () => number;
  /** Hash of the configuration that holds now. */
  readonly current: string;
}

/**
 * Watches the folder of a configuration file until `signal` aborts, because a ConfigMap mount
 * changes by swapping a link beside the file. `onChange` gets each new valid configuration once.
 * With one that is wrong the old one stays: `onProblem` is told, once for each wrong text.
 */
export function watchConfig(
  options: WatchOptions,
  onChange: (loaded: LoadedConfig) => void,
  onProblem: (problem: AftershockError) => void,
  signal: AbortSignal,
): void {
  if (signal.aborted) return;
  let { current } = options;
  let lastProblem = "";
  let looking = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    try {
      const loaded = await loadConfig(options.file, options.env, options.readFile, { nowMs: options.nowMs() });
      if (signal.aborted) return;
      lastProblem = "";
      if (loaded.hash === current) return;
      current = loaded.hash;
      onChange(loaded);
    } catch (cause) {
      if (signal.aborted || !(cause instanceof AftershockError) || cause.message === lastProblem) return;
      lastProblem = cause.message;
      onProblem(cause);
    }
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      looking = looking.then(look);
    }, QUIET_MS);
  };

  const watcher = watchFolder(dirname(options.file), soon);
  const anyway = setInterval(soon, LOOK_ANYWAY_MS);
  anyway.unref();
  signal.addEventListener(
    "abort",
    () => {
      clearTimeout(timer);
      clearInterval(anyway);
      watcher?.close();
    },
    { once: true },
  );
}

/** Null where the system cannot watch (no inotify left): then only the regular look remains. */
function watchFolder(folder: string, onEvent: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
