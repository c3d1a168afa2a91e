import type { ServiceSpec } from "../catalog/spec.ts";

export const SIDECAR_IMAGE = "docker.io/istio/proxyv2:1.27.1";
export const PROXY_PORT = 15020;
const APPLICATION = "app";

type Json = Readonly<Record<string, unknown>>;

const COMMON: Json = {
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
  imagePullPolicy: "IfNotPresent",
};
const LOCKED: Json = {
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
};

export const imageOf = ({ namespace, name }: ServiceSpec): string => `registry.example.com/${namespace}/${name}:1`;

const PORT_NAMES = { http: "http", tcp: "tcp", none: "" } as const;

export const portName = ({ protocol, name }: ServiceSpec): string =>
  protocol === "tcp" ? `tcp-${name.split("-").at(-1)}` : PORT_NAMES[protocol];

/** Probes as the template has them. A shallow one asks only whether the process answers. */
export function probes(spec: ServiceSpec): Json {
  if (spec.protocol === "none") return {};
  const every = { timeoutSeconds: 1, periodSeconds: 2, successThreshold: 1, failureThreshold: 3 };
  if (spec.protocol === "tcp") return { readinessProbe: { tcpSocket: { port: portName(spec) }, ...every } };
  const through = spec.connection?.probe === "through-connection";
  const httpGet = { path: through ? "/healthz/db" : "/healthz", port: "http", scheme: "HTTP" };
  const liveness = { httpGet, ...every, periodSeconds: 10 };
  return { readinessProbe: { httpGet, ...every }, ...(through ? { livenessProbe: liveness } : {}) };
}

export function applicationContainer(spec: ServiceSpec): Json {
  const ports = [{ name: portName(spec), containerPort: spec.port, protocol: "TCP" }];
  const env = Object.entries(spec.environment).map(([name, value]) => ({ name, value }));
  return {
    name: APPLICATION,
    image: imageOf(spec),
    ...(spec.protocol === "none" ? {} : { ports }),
    ...(env.length === 0 ? {} : { env }),
    resources: { limits: { memory: "128Mi" }, requests: { cpu: "50m", memory: "64Mi" } },
    ...probes(spec),
    ...(spec.preStopSeconds === null ? {} : { lifecycle: { preStop: { sleep: { seconds: spec.preStopSeconds } } } }),
    ...COMMON,
    securityContext: LOCKED,
  };
}

/** The part of a pod template that does not depend on where it runs. */
export function templateSpec(spec: ServiceSpec): Json {
  return {
    containers: [applicationContainer(spec)],
    restartPolicy: "Always",
    terminationGracePeriodSeconds: spec.graceSeconds,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    schedulerName: "default-scheduler",
  };
}

/** What injection adds: a native sidecar. */
export const sidecarContainer = (): Json => ({
  name: "istio-proxy",
  image: SIDECAR_IMAGE,
  args: ["proxy", "sidecar"],
  ports: [{ name: "http-envoy-prom", containerPort: 15090, protocol: "TCP" }],
  resources: { requests: { cpu: "10m", memory: "40Mi" } },
  restartPolicy: "Always",
  readinessProbe: {
    httpGet: { path: "/healthz/ready", port: 15021, scheme: "HTTP" },
    timeoutSeconds: 3,
    periodSeconds: 5,
    successThreshold: 1,
    failureThreshold: 4,
  },
  startupProbe: {
    httpGet: { path: "/healthz/ready", port: 15021, scheme: "HTTP" },
    timeoutSeconds: 3,
    periodSeconds: 1,
    successThreshold: 1,
    failureThreshold: 600,
  },
  ...COMMON,
  securityContext: { ...LOCKED, runAsUser: 1337, runAsGroup: 1337 },
});

/**
 * Injection sends probes through the sidecar's own port, so that they are not counted as traffic.
 */
export function injectedApplication(spec: ServiceSpec): Json {
  const container = applicationContainer(spec);
  const through = (probe: unknown, path: string): Json => {
    const { tcpSocket: _tcp, httpGet: _http, ...timing } = probe as Record<string, unknown>;
    return { httpGet: { path, port: PROXY_PORT, scheme: "HTTP" }, ...timing };
  };
  const { readinessProbe, livenessProbe } = container;
  return {
    ...container,
    ...(readinessProbe === undefined
      ? {}
      : { readinessProbe: through(readinessProbe, `/app-health/${APPLICATION}/readyz`) }),
    ...(livenessProbe === undefined
      ? {}
      : { livenessProbe: through(livenessProbe, `/app-health/${APPLICATION}/livez`) }),
  };
}
