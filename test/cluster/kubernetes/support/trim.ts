/** Fields that only make fixtures long, and the lab's own addresses of images. */
const DROPPED = new Set([
  "managedFields",
  "kubectl.kubernetes.io/last-applied-configuration",
  "images",
  "imageID",
  "containerID",
  "systemUUID",
  "machineID",
  "bootID",
]);

/** A JSON text without what is large and says nothing; anything that is not JSON as it is. */
export function trimmed(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => (DROPPED.has(key) ? undefined : value));
  } catch {
    return text;
  }
}
