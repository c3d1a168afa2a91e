import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { AftershockError, describeError } from "../core/model/error.ts";
import { EXIT, type Io } from "./io.ts";
import { version } from "./version.ts";

/** Thrown by nothing; the exit code of the command that ran. */
type Action = () => Promise<number>;

const DEFAULT_CONFIG = "aftershock.yaml";
/** Seeds have 32 bits. */
const MAX_SEED = 2 ** 32 - 1;

/** Runs the program with `argv` (without node and script) and answers the exit code. What it prints goes through `io`. */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  let action: Action | undefined;
  const program = buildProgram(io, (chosen) => {
    action = chosen;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return action === undefined ? EXIT.ok : await action();
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? EXIT.ok : EXIT.usage;
    io.err(`aftershock: ${told(cause)}\n`);
    return EXIT.failed;
  }
}

function buildProgram(io: Io, choose: (action: Action) => void): Command {
  const program = new Command("aftershock")
    .description(
      "Breaks random things in a Kubernetes cluster with an Istio mesh, and says what got worse, for how long, and why.",
    )
    .version(version(), "--version", "print the version")
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError("(--help shows what can be written here)");

  /** A command whose options are `O`; `load` is imported only when it runs, so that `--help` stays quick. */
  const command = <O>(
    name: string,
    summary: string,
    example: string,
    load: () => Promise<(options: O, io: Io) => Promise<number>>,
  ) =>
    program
      .command(name)
      .description(summary)
      .exitOverride()
      .configureOutput({ writeOut: io.out, writeErr: io.err })
      .addHelpText("after", `\nExample:\n  ${example}`)
      .action((...args: unknown[]) => {
        const self = args.at(-1) as Command;
        const options = { ...self.opts(), args: self.args } as O;
        choose(async () => (await load())(options, io));
      });
  const configured = (made: Command) =>
    made
      .addOption(
        new Option("-c, --config <file>", "configuration file").default(io.env.AFTERSHOCK_CONFIG ?? DEFAULT_CONFIG),
      )
      .option("--json", "print one JSON document instead of text");

  command(
    "demo",
    "Run the whole story against a small simulated cluster, in about a minute.",
    "aftershock demo --exit --seed 3",
    async () => (await import("./commands/demo.ts")).demo,
  )
    .option("--exit", "end when the story has been told, instead of keeping the dashboard up")
    .option("--speed <factor>", "how much faster the clock runs", wholeNumber(1, 1_000), 240)
    .option("--seed <n>", "seed of every random choice", wholeNumber(0, MAX_SEED), 1)
    .option(
      "--story <name>",
      "what the application is like: stale, reconnect, probe-through-db, no-effect, unrelated",
      "stale",
    )
    .option("--port <n>", "port of the dashboard (0: any free one)", wholeNumber(0, 65_535), 0)
    .option("--json <file>", "write experiments, verdicts and findings to a file");

  configured(
    command(
      "worker",
      "Run experiments on their schedule until stopped.",
      "aftershock worker -c aftershock.yaml",
      async () => (await import("./commands/worker.ts")).worker,
    ),
  );

  configured(
    command(
      "run",
      "Run one experiment now and say what it did.",
      "aftershock run --policy go-app-pods --once",
      async () => (await import("./commands/run.ts")).run,
    ),
  )
    .requiredOption("-p, --policy <name>", "policy of the configuration")
    .option("--once", "one experiment now (the default; kept explicit in CronJobs)")
    .option("--target <workload>", "hit this workload: namespace/name")
    .option("--fault <kind>", "use this fault of the policy")
    .option("--seed <n>", "seed of every random choice; recorded in any case", wholeNumber(0, MAX_SEED))
    .option("--sham", "inject nothing and do everything else")
    .option("--dry-run", "say what would be hit, without hitting it")
    .option("--refused-ok", "exit 0 when a gate refuses (for CronJobs)");

  configured(
    command(
      "look",
      "Look at the damage that earlier experiments left, and say whether it is over.",
      "aftershock look",
      async () => (await import("./commands/look.ts")).look,
    ),
  );

  configured(
    command(
      "judge",
      "Judge any past window, whatever the cause.",
      "aftershock judge --from 2026-03-06T09:15:00Z --to 2026-03-06T09:40:00Z",
      async () => (await import("./commands/judge.ts")).judgePast,
    ),
  )
    .requiredOption("--from <time>", "when it began: ISO 8601")
    .option("--to <time>", "end of the window (default: now)")
    .option("--service <id>", "only this service: namespace/name");

  configured(
    command(
      "plan",
      "Show the next slots, or what they could hit.",
      "aftershock plan --days 3",
      async () => (await import("./commands/plan.ts")).plan,
    ),
  )
    .option("--days <n>", "how far ahead", wholeNumber(1, 366), 7)
    .option("--what-if", "what can be hit, and the worst case for each service");

  configured(
    command(
      "why-not",
      "Say of every workload whether it can be hit, and why not.",
      "aftershock why-not go-app/go-app-db",
      async () => (await import("./commands/why-not.ts")).whyNot,
    ),
  ).argument("[workload]", "only this one: namespace/name");

  configured(
    command(
      "explain",
      "Tell everything about one experiment.",
      "aftershock explain go-app-pods-20260306T091500Z",
      async () => (await import("./commands/explain.ts")).explain,
    ),
  ).argument("<experiment>", "its id");

  configured(
    command(
      "replay",
      "Judge a recorded experiment again from its stored counts.",
      "aftershock replay go-app-pods-20260306T091500Z",
      async () => (await import("./commands/replay.ts")).replayExperiment,
    ),
  ).argument("<experiment>", "its id");

  configured(
    command(
      "report",
      "Print the resilience report of a week.",
      "aftershock report --week 2026-W10",
      async () => (await import("./commands/report.ts")).report,
    ),
  )
    .option("--week <week>", "ISO week (default: the current one)")
    .option("--html <file>", "write the report as one HTML page");

  configured(
    command(
      "findings",
      "List the weaknesses that were found.",
      "aftershock findings",
      async () => (await import("./commands/findings.ts")).findings,
    ),
  );

  configured(
    command(
      "doctor",
      "Check Prometheus, the mesh's labels, traffic, rights, storage and Slack.",
      "aftershock doctor -c aftershock.yaml",
      async () => (await import("./commands/doctor.ts")).doctor,
    ),
  );

  configured(
    command(
      "rbac",
      "Print the least rights that this configuration needs.",
      "aftershock rbac | kubectl apply -f -",
      async () => (await import("./commands/rbac.ts")).rbac,
    ),
  );

  configured(
    command(
      "halt",
      "Stop all injection now, and undo what stands.",
      'aftershock halt "incident 4711"',
      async () => (await import("./commands/halt.ts")).halt,
    ),
  ).argument("<why>", "the reason, for those who read it later");
  configured(
    command(
      "resume",
      "Allow injection again after a halt.",
      "aftershock resume",
      async () => (await import("./commands/halt.ts")).resume,
    ),
  );

  configured(
    command(
      "close",
      "Declare the damage of an experiment over.",
      'aftershock close go-app-pods-20260306T091500Z "fixed by hand"',
      async () => (await import("./commands/close.ts")).close,
    ),
  )
    .argument("<experiment>", "its id")
    .argument("<why>", "the reason");
  configured(
    command(
      "cancel",
      "Stop one experiment and undo what it did.",
      'aftershock cancel go-app-pods-20260306T091500Z "wrong moment"',
      async () => (await import("./commands/close.ts")).cancel,
    ),
  )
    .argument("<experiment>", "its id")
    .argument("<why>", "the reason");

  configured(
    command(
      "uninstall",
      "Undo what stands in the cluster, stop all injection, and say what to delete.",
      "aftershock uninstall",
      async () => (await import("./commands/uninstall.ts")).uninstall,
    ),
  );

  configured(
    command(
      "config",
      "Check the configuration and print what was understood.",
      "aftershock config check -c aftershock.yaml",
      async () => (await import("./commands/config.ts")).config,
    ),
  ).argument("<action>", "check, or schema for the JSON Schema");

  configured(
    command(
      "rules",
      "Run the test cases of the diagnosis rules.",
      "aftershock rules test",
      async () => (await import("./commands/rules.ts")).rules,
    ),
  )
    .argument("<action>", "test")
    .option("--folder <path>", "a folder of your own rules");

  configured(
    command(
      "journal",
      "Export or import the journal as JSON lines.",
      "aftershock journal export > journal.jsonl",
      async () => (await import("./commands/journal.ts")).journal,
    ),
  )
    .argument("<action>", "export or import")
    .argument("[file]", "where to write or read (default: standard output, standard input)");

  return program;
}

/** A parser of whole numbers within these bounds. */
function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`);
  };
}

/** What a person reads: what to do next stands on a line of its own below a list of problems. */
function told(cause: unknown): string {
  if (!(cause instanceof AftershockError && cause.hint && cause.message.includes("\n"))) return describeError(cause);
  return `${cause.message}\n${cause.hint}`;
}
