import type { KubeObject } from "../cluster/object-store.ts";
import { badRequest } from "./status.ts";

type Test = (object: KubeObject) => boolean;

const REQUIREMENT = /^(!?)([\w./-]+)\s*(?:(==|=|!=)\s*([\w.-]*)|\s(in|notin)\s*\(([^)]*)\))?$/;

/** `a=b,c!=d,e in (f,g),h,!i` @throws StatusError 400 */
export function labelTest(selector: string | null): Test {
  if (selector === null || selector === "") return () => true;
  const tests = selector.split(/,(?![^(]*\))/).map((part) => requirement(part.trim()));
  return (object) => tests.every((test) => test(object.metadata.labels ?? {}));
}

function requirement(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const match = REQUIREMENT.exec(text);
  if (match === null) throw badRequest(`unable to parse requirement: ${text}`);
  const [, not, key = "", equality, value = "", set, members = ""] = match;
  if (equality === "!=") return (labels) => labels[key] !== value;
  if (equality !== undefined) return (labels) => labels[key] === value;
  const values = members.split(",").map((member) => member.trim());
  if (set === "in") return (labels) => values.includes(labels[key] ?? "");
  if (set === "notin") return (labels) => !values.includes(labels[key] ?? "");
  return not === "!" ? (labels) => labels[key] === undefined : (labels) => labels[key] !== undefined;
}

const part = (object: KubeObject, section: "spec" | "status", field: string): string => {
  const found = (object[section] as Readonly<Record<string, unknown>> | undefined)?.[field];
  return typeof found === "string" ? found : "";
};

const FIELDS: Readonly<Record<string, (object: KubeObject) => string>> = {
  "metadata.name": ({ metadata }) => metadata.name,
  "metadata.namespace": ({ metadata }) => metadata.namespace ?? "",
  "spec.nodeName": (object) => part(object, "spec", "nodeName"),
  "status.phase": (object) => part(object, "status", "phase"),
};

/** `spec.nodeName=node-a,status.phase!=Failed` @throws StatusError 400 */
export function fieldTest(selector: string | null): Test {
  if (selector === null || selector === "") return () => true;
  const tests = selector.split(",").map((text): Test => {
    const match = /^([\w.]+)(==|=|!=)(.*)$/.exec(text.trim());
    const read = FIELDS[match?.[1] ?? ""];
    if (match === null || read === undefined) throw badRequest(`field label not supported: ${match?.[1] ?? text}`);
    const equal = match[2] !== "!=";
    return (object) => (read(object) === match[3]) === equal;
  });
  return (object) => tests.every((test) => test(object));
}
