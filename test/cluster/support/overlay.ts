import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { ROOT } from "./shell.ts";

const { AFTERSHOCK_IMAGE, REDIS_IMAGE } = process.env;

/** An image of the lab's nodes, NAME:TAG, in the place of one that the manifests name. */
const imageLine = (name: string, wanted: string): string => {
  const [newName, newTag] = wanted.split(":");
  return `  - { name: ${name}, newName: ${newName}, newTag: "${newTag}" }`;
};

/** What every overlay of the lab ends with: its images, and the `aftershock.yaml` beside it. */
export const LAB_PARTS = `images:
${imageLine("aftershock", AFTERSHOCK_IMAGE ?? "")}
${imageLine("redis", REDIS_IMAGE ?? "")}
configMapGenerator:
  - { name: aftershock, namespace: aftershock, behavior: replace, files: [aftershock.yaml] }
generatorOptions: { disableNameSuffixHash: true }
`;

/** A volume on the node for claim `claim`, where no storage class makes one. */
const volume = (claim: string, path: string): string => `apiVersion: v1
kind: PersistentVolume
metadata: { name: ${claim} }
spec:
  capacity: { storage: 2Gi }
  accessModes: [ReadWriteOnce]
  hostPath: { path: ${path} }
  claimRef: { namespace: aftershock, name: ${claim} }
`;

/**
 * Writes an overlay of `base` (a folder of deploy/) into `folder`: the lab's images, a volume for
 * `claim`, and `configuration`.
 */
export async function writeOverlay(
  folder: string,
  base: string,
  { claim, configuration }: { readonly claim: string; readonly configuration: string },
): Promise<void> {
  const data = join(folder, "data");
  await mkdir(data);
  await chmod(data, 0o777);
  await chmod(folder, 0o755);
  await writeFile(join(folder, "volume.yaml"), volume(claim, data));
  await writeFile(join(folder, "aftershock.yaml"), configuration);
  await writeFile(
    join(folder, "kustomization.yaml"),
    `resources: [${relative(folder, join(ROOT, base))}, volume.yaml]\n${LAB_PARTS}`,
  );
}
