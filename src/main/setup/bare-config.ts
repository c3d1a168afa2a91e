import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/load/config.ts";
import { parseConfig } from "../../config/load/load.ts";
import { AftershockError } from "../../core/model/error.ts";
import type { Io } from "../io.ts";

/** Where Prometheus is, on the command line instead of in a configuration file. */
export interface BareOptions {
  readonly prometheus?: string;
  readonly tokenFile?: string;
  readonly tenant?: string;
}

/**
 * A configuration of which only the metrics source is meant, with every default; it names no policy
 * that could hit anything.
 * @throws AftershockError `usage` when the address, or the file of the token, is wrong
 */
export async function bareConfig({ prometheus, tokenFile, tenant }: BareOptions, io: Io): Promise<Config> {
  const file = {
    cluster: "none",
    mode: "observe",
    prometheus: {
      url: prometheus,
      ...(tokenFile === undefined ? {} : { bearerToken: { file: tokenFile } }),
      ...(tenant === undefined ? {} : { tenant }),
    },
    policies: [
      {
        name: "none",
        schedule: { windows: ["mon-fri 09:00-17:00"], perDay: 1 },
        target: { namespaces: ["none"] },
        faults: [{ kind: "pod-evict" }],
      },
    ],
  };
  const context = {
    file: join(io.cwd, "command-line"),
    env: io.env,
    readFile: (path: string) => readFile(path, "utf8"),
  };
  try {
    return await parseConfig(JSON.stringify(file), context);
  } catch (cause) {
    if (!(cause instanceof AftershockError)) throw cause;
    throw new AftershockError("usage", cause.message, {
      hint: "--prometheus takes an address such as http://prometheus.istio-system:9090",
    });
  }
}
