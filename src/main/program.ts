import { Command, CommanderError } from "commander";
import { AftershockError, describeError } from "../core/model/error.ts";
import { printable } from "../core/text/printable.ts";
import { EXIT, type Io } from "./io.ts";
import { register as cancel } from "./register/cancel.ts";
import { register as close } from "./register/close.ts";
import { register as completion } from "./register/completion.ts";
import { register as config } from "./register/config.ts";
import { register as demo } from "./register/demo.ts";
import { register as doctor } from "./register/doctor.ts";
import { PROGRAM_EXITS } from "./register/exits.ts";
import { register as experiments } from "./register/experiments.ts";
import { register as explain } from "./register/explain.ts";
import { register as findings } from "./register/findings.ts";
import { register as followUp } from "./register/follow-up.ts";
import { register as halt } from "./register/halt.ts";
import { register as journal } from "./register/journal.ts";
import { register as judge } from "./register/judge.ts";
import { register as plan } from "./register/plan.ts";
import { register as rbac } from "./register/rbac.ts";
import { type Action, outputOf, type Registry, registryOf } from "./register/registry.ts";
import { register as replay } from "./register/replay.ts";
import { register as report } from "./register/report.ts";
import { register as resume } from "./register/resume.ts";
import { register as risks } from "./register/risks.ts";
import { register as rules } from "./register/rules.ts";
import { register as run } from "./register/run.ts";
import { register as sample } from "./register/sample.ts";
import { register as services } from "./register/services.ts";
import { register as traffic } from "./register/traffic.ts";
import { register as uninstall } from "./register/uninstall.ts";
import { register as whyNot } from "./register/why-not.ts";
import { register as worker } from "./register/worker.ts";
import { version } from "./version.ts";

/** In the order in which `--help` lists them. */
const COMMANDS: readonly ((registry: Registry) => void)[] = [
  demo,
  worker,
  run,
  followUp,
  judge,
  plan,
  whyNot,
  experiments,
  services,
  explain,
  replay,
  report,
  findings,
  risks,
  doctor,
  rbac,
  halt,
  resume,
  close,
  cancel,
  uninstall,
  config,
  rules,
  journal,
  sample,
  traffic,
  completion,
];

/**
 * Runs the program with `argv` (without node and script) and answers the exit code. What it prints
 * goes through `io`, and none of it steers a terminal, wherever it came from.
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
    // what a shell asks, whose words are no options of ours
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
