import { stringify } from "yaml";
import { rbacManifests } from "../../adapters/kubernetes/rbac.ts";
import { type Right, rightsFor } from "../../adapters/kubernetes/rights.ts";
import type { Config } from "../../config/config.ts";
import { type ConfiguredOptions, readConfig } from "../configured.ts";
import { EXIT, type Io } from "../io.ts";

const OWN_NAMESPACE = "aftershock";
const SERVICE_ACCOUNT = "aftershock";

/** The least rights that a configuration needs, as manifests. */
export async function rbac(options: ConfiguredOptions, io: Io): Promise<number> {
  const { config } = await readConfig(options, io);
  const manifests = rbacManifests(rightsOf(config), {
    serviceAccount: SERVICE_ACCOUNT,
    namespace: config.kubernetes.namespace ?? OWN_NAMESPACE,
  });
  const yaml = manifests.map((manifest) => stringify(manifest, { lineWidth: 0 })).join("---\n");
  io.out(options.json ? `${JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests }, null, 2)}\n` : yaml);
  return EXIT.ok;
}

/** Rights of all policies together: reads for each, and what their faults do for those that are armed. */
function rightsOf(config: Config): readonly Right[] {
  const armed = config.policies.filter((policy) => policy.mode === "inject");
  const { teams } = config;
  const namespaces = [...new Set(config.policies.flatMap((policy) => policy.target.namespaces))];
  return rightsFor({
    faults: [...new Set(armed.flatMap((policy) => policy.faults.map(({ fault }) => fault.kind)))],
    namespaces,
    ...(teams === null
      ? {}
      : { teams: { namespaces: teams.namespaces, faults: teams.mode === "inject" ? teams.faults : [] } }),
    everywhere: namespaces.some((name) => name.includes("*")),
    ownNamespace: config.kubernetes.namespace ?? OWN_NAMESPACE,
    leaseName: config.kubernetes.lease,
  });
}
