/** Windows that are pooled: an observation for steps of so many seconds. */
export interface LabWindows {
  readonly stepS: number;
  readonly beforeS: number;
  readonly earlyS: number;
  readonly graceS: number;
  readonly lateS: number;
  readonly extensionS: number;
}

export const WINDOWS: readonly LabWindows[] = [
  { stepS: 5, beforeS: 90, earlyS: 30, graceS: 10, lateS: 30, extensionS: 60 },
  { stepS: 10, beforeS: 120, earlyS: 60, graceS: 20, lateS: 60, extensionS: 120 },
  { stepS: 60, beforeS: 720, earlyS: 300, graceS: 120, lateS: 300, extensionS: 300 },
];

/**
 * For a node that loses power: Kubernetes takes 40 s to notice and gives its pods a while before it
 * replaces them.
 */
export const NODE_WINDOWS: LabWindows = {
  stepS: 10,
  beforeS: 180,
  earlyS: 120,
  graceS: 30,
  lateS: 120,
  extensionS: 240,
};

/** The configuration of one lane: an installation of its own that sees one namespace alone. */
export const configuration = (lane: {
  readonly name: string;
  readonly namespace: string;
  readonly windows: LabWindows;
  readonly prometheusUrl: string;
  readonly storage: string;
  /**
   * Workloads whose nodes its policy may drain; null: it drains none, and reaches all. The abort
   * rule would end a drain early, and leave unknown what was not found until then.
   */
  readonly drains: readonly string[] | null;
  readonly messages: { readonly url: string; readonly secretFile: string };
}): string => {
  const { stepS, beforeS, earlyS, graceS, lateS, extensionS } = lane.windows;
  return `
cluster: lab-${lane.name}
mode: inject
kubernetes: { namespace: default, lease: aftershock-${lane.name} }
prometheus: { url: "${lane.prometheusUrl}", matchers: { namespace: ${lane.namespace} } }
storage: { url: "embedded:${lane.storage}" }
signals: istio
observation: { step: ${stepS}s, before: ${beforeS}s, early: ${earlyS}s, grace: ${graceS}s, late: ${lateS}s, extension: ${extensionS}s }
gates: { degradedWindow: 1m }
alerts: { enabled: false }
abort: { enabled: ${lane.drains === null} }
webhook: { url: "${lane.messages.url}", secret: { file: "${lane.messages.secretFile}" } }
web: { port: 0, host: 127.0.0.1 }
policies:
  - name: lab
    schedule: { cron: "0 0 1 1 *", timezone: UTC, shamShare: 0 }
    target: { namespaces: [${lane.namespace}], kinds: [Deployment, StatefulSet]${lane.drains === null ? "" : `, names: [${lane.drains}]`} }
    faults:
      - { kind: pod-delete }
      - { kind: pod-kill }
      - { kind: http-abort, duration: ${Math.max(earlyS, 30)}s, httpStatus: 503, percent: 60 }${lane.drains === null ? "" : "\n      - { kind: node-drain, duration: 60s, singleReplicas: hit }"}
    limits: { perDay: 1000, failedRequests: 100000000, cooldown: 0s, minAge: 0s, maxUnavailable: 100%, singleReplica: allow, confirmations: 0 }
log: { level: warn, format: text }
`;
};
