import { register as cancel } from "./cancel.ts";
import { register as close } from "./close.ts";
import { register as completion } from "./completion.ts";
import { register as config } from "./config.ts";
import { register as demo } from "./demo.ts";
import { register as doctor } from "./doctor.ts";
import { register as experiments } from "./experiments.ts";
import { register as explain } from "./explain.ts";
import { register as findings } from "./findings.ts";
import { register as followUp } from "./follow-up.ts";
import { register as halt } from "./halt.ts";
import { register as journal } from "./journal.ts";
import { register as judge } from "./judge.ts";
import { register as plan } from "./plan.ts";
import { register as rbac } from "./rbac.ts";
import type { Registry } from "./registry.ts";
import { register as replay } from "./replay.ts";
import { register as report } from "./report.ts";
import { register as resume } from "./resume.ts";
import { register as risks } from "./risks.ts";
import { register as rules } from "./rules.ts";
import { register as run } from "./run.ts";
import { register as sample } from "./sample.ts";
import { register as services } from "./services.ts";
import { register as traffic } from "./traffic.ts";
import { register as uninstall } from "./uninstall.ts";
import { register as whyNot } from "./why-not.ts";
import { register as worker } from "./worker.ts";

/** In the order in which `--help` lists them. */
export const COMMANDS: readonly ((registry: Registry) => void)[] = [
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
