import { stringify } from "yaml";
import { rbacManifests } from "../../adapters/kubernetes/rights/rbac.ts";
import { EXIT, type Io } from "../io.ts";
import { type ConfiguredOptions, readConfig } from "../setup/configured.ts";
import { ownNamespace, podNamespace } from "../setup/own-namespace.ts";
import { rightsOf } from "../setup/rights.ts";

const SERVICE_ACCOUNT = "aftershock";

/** The least rights that a configuration needs, as manifests. */
export async function rbac(options: ConfiguredOptions, io: Io): Promise<number> {
  const { config } = await readConfig(options, io, true);
  const namespace = ownNamespace(config, await podNamespace(io.env));
  const manifests = rbacManifests(rightsOf(config, namespace), { serviceAccount: SERVICE_ACCOUNT, namespace });
  const yaml = manifests.map((manifest) => stringify(manifest, { lineWidth: 0 })).join("---\n");
  io.out(options.json ? `${JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests }, null, 2)}\n` : yaml);
  return EXIT.ok;
}
