import { type Command, Option, type OutputConfiguration } from "commander";
import { type Io, widthOf } from "../io.ts";

/** Runs the command that was chosen, and answers its exit code. */
export type Action = () => Promise<number>;

/** What a command is registered with. */
export interface Registry {
  readonly io: Io;
  /**
   * A command whose options are `O`; `load` is imported only when it runs, so that `--help` stays
   * quick.
   */
  command<O>(
    name: string,
    summary: string,
    example: string,
    load: () => Promise<(options: O, io: Io) => Promise<number>>,
  ): Command;
  /** The same command with the options of those that read a configuration. */
  configured(made: Command): Command;
}

/** Where help and errors go, and how wide they may be. */
export const outputOf = (io: Io): OutputConfiguration => ({
  writeOut: io.out,
  writeErr: io.err,
  getOutHelpWidth: () => widthOf(io),
  getErrHelpWidth: () => widthOf(io),
});

const DEFAULT_CONFIG = "aftershock.yaml";

/** Registers commands at `program`; `choose` is told which one to run. */
export function registryOf(program: Command, io: Io, choose: (action: Action) => void): Registry {
  return {
    io,
    command: (name, summary, example, load) =>
      program
        .command(name)
        .description(summary)
        .exitOverride()
        .configureOutput(outputOf(io))
        .addHelpText("after", `\nExample:\n  ${example}`)
        .action((...args: unknown[]) => {
          const self = args.at(-1) as Command;
          const options = { ...self.opts(), args: self.args, program } as Parameters<
            Awaited<ReturnType<typeof load>>
          >[0];
          choose(async () => (await load())(options, io));
        }),
    configured: (made) =>
      made
        .addOption(
          new Option("-c, --config <file>", "configuration file").default(io.env.AFTERSHOCK_CONFIG ?? DEFAULT_CONFIG),
        )
        .option("--json", "print one JSON document instead of text"),
  };
}
