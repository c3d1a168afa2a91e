import type { Right } from "./rights.ts";

/** A Kubernetes object, to be written as YAML. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Who gets the rights. */
export interface Grantee {
  readonly serviceAccount: string;
  readonly namespace: string;
}

const API = "rbac.authorization.k8s.io/v1";
const LABELS = { "app.kubernetes.io/name": "aftershock", "app.kubernetes.io/managed-by": "aftershock-rbac" };

/**
 * Not the names of the roles of kustomize and of the chart: applying either of them never removes
 * what the other grants.
 */
const NAME = "aftershock-granted";

/**
 * A Role and its binding in each namespace, and a ClusterRole with its binding for what belongs to
 * no namespace.
 */
export function rbacManifests(rights: readonly Right[], grantee: Grantee): readonly Manifest[] {
  const byNamespace = Map.groupBy(rights, (right) => right.namespace);
  return [...byNamespace].flatMap(([namespace, own]) => roleAndBinding(namespace, own, grantee));
}

function roleAndBinding(namespace: string | null, rights: readonly Right[], grantee: Grantee): Manifest[] {
  const [kind, binding] = namespace === null ? ["ClusterRole", "ClusterRoleBinding"] : ["Role", "RoleBinding"];
  // Objects of the whole cluster carry the namespace in their name: two installations do not
  // overwrite each other's.
  const name = namespace === null ? `${NAME}-${grantee.namespace}` : NAME;
  const metadata = { name, ...(namespace === null ? {} : { namespace }), labels: LABELS };
  return [
    { apiVersion: API, kind, metadata, rules: rights.map(toRule) },
    {
      apiVersion: API,
      kind: binding,
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name },
      subjects: [{ kind: "ServiceAccount", name: grantee.serviceAccount, namespace: grantee.namespace }],
    },
  ];
}

const toRule = ({ group, resource, verbs, names }: Right) => ({
  apiGroups: [group],
  resources: [resource],
  ...(names === undefined ? {} : { resourceNames: names }),
  verbs,
});
