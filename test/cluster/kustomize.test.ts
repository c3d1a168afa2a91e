import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeOverlay } from "./support/overlay.ts";
import { eventually, jsonOf, must, shell } from "./support/shell.ts";
import { openStory } from "./support/story.ts";

/**
 * The overlays of deploy/kustomize as they are delivered, on a real cluster: only images, volume
 * and configuration are the lab's. AFTERSHOCK_IMAGE and REDIS_IMAGE name images that the nodes have
 * (NAME:TAG); PROMETHEUS_URL is what pods reach. AFTERSHOCK_LONG=1 waits for verdicts, too, and
 * kills one of two workers in the middle of an experiment.
 */
const { AFTERSHOCK_IMAGE, REDIS_IMAGE, PROMETHEUS_URL, AFTERSHOCK_LONG } = process.env;
const isLong = AFTERSHOCK_LONG === "1";

const CONFIG = "-c /etc/aftershock/aftershock.yaml";
const own = "kubectl -n aftershock";
const inPod = (command: string, pod = "deploy/aftershock"): string =>
  `${own} exec ${pod} -- node dist/aftershock.mjs ${command} ${CONFIG}`;

interface Wanted {
  readonly mode: string;
  /** A slot each so many minutes. */
  readonly everyMin: number;
  readonly more?: string;
}

const configuration = ({ mode, everyMin, more = "" }: Wanted): string => `cluster: lab
mode: ${mode}
prometheus: { url: "${PROMETHEUS_URL}" }
storage: { url: { env: AFTERSHOCK_STORAGE_URL } }
observation: { step: 10s, before: 2m, early: 1m, grace: 20s, late: 1m }
gates: { degradedWindow: 1m }
alerts: { enabled: false }
${more}policies:
  - name: pods
    schedule: { cron: "*/${everyMin} * * * *", timezone: UTC, shamShare: 0 }
    target: { namespaces: [go-app], names: [repeater] }
    faults: [{ kind: pod-delete }]
    limits: { perDay: 20, cooldown: 0s, maxUnavailable: 50%, minAge: 0s, confirmations: 0 }
`;

interface Explained {
  readonly experiment: { readonly headline: string | null };
  readonly entries: readonly { readonly event: { readonly kind: string } }[];
}

/** The newest experiment that was not refused, in the journal's words; null without one. */
async function newest(pod?: string): Promise<{ id: string; headline: string | null; kinds: readonly string[] } | null> {
  const { exitCode, stdout } = await shell(inPod("experiments --json", pod));
  if (exitCode !== 0) return null;
  const [first] = (JSON.parse(stdout) as { experiments: { id: string }[] }).experiments;
  return first === undefined ? null : explained(first.id, pod);
}

async function explained(id: string, pod?: string) {
  const { experiment, entries } = (await jsonOf(inPod(`explain ${id} --json`, pod))) as Explained;
  return { id, headline: experiment.headline, kinds: entries.map(({ event }) => event.kind) };
}

const workers = async (): Promise<readonly string[]> =>
  (await must(`${own} get pods -l app.kubernetes.io/component=worker --field-selector=status.phase=Running -o name`))
    .trim()
    .split("\n");

/** Applies an overlay; answers how long the worker took to be Ready, s. */
async function apply(folder: string): Promise<number> {
  const beganMs = performance.now();
  await must(`kubectl apply -k ${folder}`);
  await must(`${own} rollout status deployment aftershock --timeout=120s`);
  return (performance.now() - beganMs) / 1_000;
}

async function remove(folder: string): Promise<void> {
  await must(`kubectl delete role,rolebinding -A -l app.kubernetes.io/managed-by=aftershock-rbac`);
  await must(`kubectl delete clusterrole,clusterrolebinding -l app.kubernetes.io/managed-by=aftershock-rbac`);
  await must(`kubectl delete -k ${folder} --timeout=180s --ignore-not-found`);
  await rm(folder, { recursive: true, force: true });
}

describe.skipIf(AFTERSHOCK_IMAGE === undefined)("deploy/kustomize/embedded, with Roles in namespaces alone", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aftershock-embedded-"));
    const more = "kubernetes: { nodes: leave-out }\n";
    await writeOverlay(folder, "deploy/kustomize/embedded", {
      claim: "aftershock",
      configuration: configuration({ mode: "sham", everyMin: 2, more }),
    });
  });
  afterAll(() => remove(folder), 300_000);

  test("is Ready within a minute of one command", async () => {
    expect(await apply(folder)).toBeLessThan(60);
  });

  test("needs no right beyond its namespaces once the printed Roles are granted", async () => {
    const printed = await must(inPod("rbac"));
    expect(printed).not.toContain("ClusterRole");
    await must(`${inPod("rbac")} | kubectl apply -f -`);
    await must("kubectl delete clusterrole,clusterrolebinding aftershock-aftershock");
    const doctor = await shell(inPod("doctor"));
    expect(doctor.exitCode, doctor.output).toBe(0);
    expect(await must(inPod("plan --what-if"))).toContain("go-app/repeater");
    expect(doctor.output).toMatch(/nodes? .*left out|left out.*nodes?/i);
  });

  test("is halted and resumed from its own pod", async () => {
    try {
      expect(await must(inPod('halt "a test"'))).toMatch(/in force/i);
      expect((await shell(inPod("doctor"))).output).toContain("halted by");
    } finally {
      await must(inPod("resume"));
    }
  });

  test.runIf(isLong)(
    "has judged its first sham within five minutes",
    async () => {
      const { headline } = await eventually(300, "a judged sham", async () => {
        const experiment = await newest();
        return experiment?.kinds.includes("judged") ? experiment : null;
      });
      expect(headline).toBe("steady");
    },
    400_000,
  );

  test("leaves nothing active when it is removed", async () => {
    const { exitCode, output } = await shell(inPod("uninstall"));
    expect(exitCode, output).toBe(0);
  });
});

describe.skipIf(AFTERSHOCK_IMAGE === undefined || REDIS_IMAGE === undefined || !isLong)(
  "deploy/kustomize/redis, one of its two workers killed in the middle of an experiment",
  () => {
    let folder: string;
    beforeAll(async () => {
      const story = await openStory({ names: ["repeater"] });
      await story.close();
      folder = await mkdtemp(join(tmpdir(), "aftershock-redis-"));
      await writeOverlay(folder, "deploy/kustomize/redis", {
        claim: "data-aftershock-redis-0",
        configuration: configuration({ mode: "inject", everyMin: 4 }),
      });
    }, 400_000);
    afterAll(() => remove(folder), 300_000);

    test("is finished by the other one, and the pod was deleted once", async () => {
      await apply(folder);
      await must(`${inPod("rbac")} | kubectl apply -f -`);
      const before = (await must("kubectl -n go-app get pods -l app=repeater -o name")).trim().split("\n");
      const holderOf = async (): Promise<string> =>
        (await must(`${own} get lease aftershock -ojsonpath='{.spec.holderIdentity}'`)).split("_")[0] ?? "";
      const { id } = await eventually(400, "an injection", async () => {
        const experiment = await newest();
        return experiment?.kinds.includes("injected") && !experiment.kinds.includes("judged") ? experiment : null;
      });
      const holder = await holderOf();
      await must(`${own} delete pod ${holder} --grace-period=0 --force`);
      const [other = ""] = (await workers()).filter((name) => name !== `pod/${holder}`);
      const { kinds, headline } = await eventually(400, "its verdict, told", async () => {
        const experiment = await explained(id, other);
        return experiment.kinds.includes("notified") ? experiment : null;
      });
      expect(kinds.filter((kind) => kind === "intended")).toHaveLength(1);
      expect(kinds.filter((kind) => kind === "injected")).toHaveLength(1);
      expect(headline).toBe("steady");
      const after = (await must("kubectl -n go-app get pods -l app=repeater -o name")).trim().split("\n");
      expect(before.filter((name) => !after.includes(name))).toHaveLength(1);
    }, 1_000_000);
  },
);
