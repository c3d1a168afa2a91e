import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../test/support/requires.ts";
import { type Measured, measure } from "./measure.ts";
import type { Place } from "./place.ts";

const PACKAGES = ["chaostoolkit", "chaostoolkit-kubernetes"];
/** As long as our early and late windows with the time between, so that both wait alike. */
const PAUSE_S = 105;

/** The same kill: one random pod, and whether the Deployment is whole before and afterwards. */
const experiment = (namespace: string, deployment: string): object => ({
  title: "One pod is killed",
  description: "The kill of bench:run",
  "steady-state-hypothesis": {
    title: "The Deployment is available",
    probes: [
      {
        type: "probe",
        name: "available",
        tolerance: true,
        provider: {
          type: "python",
          module: "chaosk8s.deployment.probes",
          func: "deployment_available_and_healthy",
          arguments: { name: deployment, ns: namespace },
        },
      },
    ],
  },
  method: [
    {
      type: "action",
      name: "kill",
      provider: {
        type: "python",
        module: "chaosk8s.pod.actions",
        func: "terminate_pods",
        arguments: { ns: namespace, label_selector: `app=${deployment}`, rand: true, qty: 1 },
      },
      pauses: { after: PAUSE_S },
    },
  ],
});

/** Measures a run of Chaos Toolkit, or says why it cannot be had. */
export async function chaosToolkit(place: Place, deployment: string, folder: string): Promise<Measured | string> {
  if (findProgram("python3") === null) return "python3 is not installed";
  const home = join(folder, "chaos-toolkit");
  try {
    execFileSync("python3", ["-m", "venv", home], { stdio: "pipe" });
    execFileSync(join(home, "bin/pip"), ["install", "--quiet", ...PACKAGES], { stdio: "pipe" });
  } catch {
    return `PyPI does not offer ${PACKAGES.join(" and ")} here`;
  }
  const file = join(folder, "experiment.json");
  writeFileSync(file, JSON.stringify(experiment(place.namespace, deployment)));
  const journal = join(folder, "chaos-toolkit.json");
  const args = ["--no-version-check", "--log-file", join(folder, "chaos-toolkit.log"), "run"];
  const env = { KUBECONFIG: place.kubeconfig };
  return measure(join(home, "bin/chaos"), [...args, "--journal-path", journal, file], env);
}
