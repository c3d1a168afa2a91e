import { Command, CommanderError } from "commander";
import { AftershockError, describeError } from "../core/model/error.ts";
import { printable } from "../core/text/printable.ts";
import { EXIT, type Io } from "./io.ts";
import { COMMANDS } from "./register/commands.ts";
import { PROGRAM_EXITS } from "./register/exits.ts";
import { type Action, outputOf, registryOf } from "./register/registry.ts";
import { version } from "./version.ts";

/**
 * Entry point of the command line: parses `argv` (without node and script), runs one command, and
 * answers its exit code. What it prints goes through `io`, and none of it steers a terminal.
 */
export async function runCli(argv: readonly string[], raw: Io): Promise<number> {
  const io: Io = {
    ...raw,
    out: (text) => raw.out(printable(text)),
    err: (text) => raw.err(printable(text)),
    log: (text) => raw.err(text),
  };
  let action: Action | undefined;
  const program = buildProgram(io, (chosen) => {
    action = chosen;
  });
  try {
    const [first, second, ...words] = argv;
    // What a shell asks for completion: not parsed as options.
    if (first === "complete" && second === "--")
      return await (await import("./commands/completion.ts")).complete(words, program, io);
    await program.parseAsync([...argv], { from: "user" });
    return action === undefined ? EXIT.ok : await action();
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? EXIT.ok : EXIT.usage;
    io.err(`aftershock: ${told(cause)}\n`);
    return EXIT.failed;
  }
}

/**
 * The commands of the program; `choose` is given what was asked for, and nothing runs here.
 * @throws CommanderError from its `parseAsync`, for words that it does not know
 */
export function buildProgram(io: Io, choose: (action: Action) => void): Command {
  const program = new Command("aftershock")
    .description(
      "Breaks random things in a Kubernetes cluster with an Istio mesh, and says what got worse, for how long, and why.",
    )
    .version(version(), "--version", "print the version")
    .exitOverride()
    .configureOutput(outputOf(io))
    .addHelpText("after", PROGRAM_EXITS)
    .showHelpAfterError("(--help shows what can be written here)");

  const registry = registryOf(program, io, choose);
  for (const register of COMMANDS) register(registry);
  return program;
}

/** What a person reads: what to do next stands on a line of its own below a list of problems. */
function told(cause: unknown): string {
  if (!(cause instanceof AftershockError && cause.hint && cause.message.includes("\n"))) return describeError(cause);
  return `${cause.message}\n${cause.hint}`;
}
