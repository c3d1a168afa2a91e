import type { EventsV1EventList } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type KubernetesClient } from "../../../src/adapters/kubernetes/client/client.ts";
import { collectionPath, objectPath } from "../../../src/adapters/kubernetes/client/paths.ts";
import { eventRecorder } from "../../../src/adapters/kubernetes/events/events.ts";
import { policyMaps } from "../../../src/adapters/kubernetes/follow/policy-maps.ts";
import { kubernetesReader } from "../../../src/adapters/kubernetes/read/reader.ts";
import { accessQuestions, rightsFor } from "../../../src/adapters/kubernetes/rights/rights.ts";
import { readTeamPolicy } from "../../../src/config/policy/team-policy.ts";
import type { Sighting } from "../../../src/ports/policy-texts.ts";
import { SOUND, teamBounds } from "../../support/teams.ts";
import { allowed, clock, deadline, eventually, log, quiet, scenery } from "./support/lab.ts";

const TEAM = "aftershock-team-test";
const GRANTEE = { namespace: "aftershock-teams-test", serviceAccount: "worker" };
const RIGHTS = rightsFor({
  faults: [],
  namespaces: [],
  teams: { namespaces: [TEAM], faults: ["pod-delete"] },
  ownNamespace: GRANTEE.namespace,
  leaseName: "aftershock",
});

const policy = (name: string, text: string, labels: Record<string, string> = { "aftershock.dev/policy": "true" }) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: TEAM, labels },
  data: { "policy.yaml": text },
});

describe("policies of a team on a real cluster, with the rights that `aftershock rbac` prints", () => {
  let admin: KubernetesClient;
  let client: KubernetesClient;
  const stage = scenery();
  beforeAll(async () => {
    admin = connect();
    await stage.make({ apiVersion: "v1", kind: "Namespace", metadata: { name: TEAM } });
    client = await allowed(admin, stage, RIGHTS, GRANTEE);
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await client?.close();
    await admin.close();
  });
  const maps = () => policyMaps(client, eventRecorder(client, "lab", log), clock, log);

  test("are all that is granted there", async () => {
    const reader = kubernetesReader(client, clock);
    expect((await reader.mayI(accessQuestions(RIGHTS), deadline())).every((one) => one)).toBe(true);
    const others = ["get", "create", "update", "patch", "delete"].map((verb) => ({
      ...{ verb, group: "", resource: "configmaps", namespace: TEAM },
    }));
    const elsewhere = { verb: "list", group: "", resource: "configmaps", namespace: "kube-system" };
    expect(await reader.mayI([...others, elsewhere], deadline())).toEqual([false, false, false, false, false, false]);
  });

  test("are seen when they come, change and go", async () => {
    const stop = new AbortController();
    const seen: Sighting[] = [];
    const following = maps().follow([TEAM], (_namespace, sighting) => void seen.push(sighting), stop.signal);
    const now = () => {
      const last = seen.at(-1);
      return last === undefined || "unread" in last ? [] : last.texts.map((one) => `${one.name} ${one.text?.length}`);
    };
    await eventually(async () => seen.length > 0);
    expect(now()).toEqual([]);
    {
      await using team = scenery();
      await team.make(policy("orders", SOUND), policy("no-policy", SOUND, {}));
      await eventually(async () => now().join() === `orders ${SOUND.length}`);
      const path = objectPath("configmaps", TEAM, "orders");
      await admin.request({ method: "PUT", path, body: policy("orders", "") }, deadline());
      await eventually(async () => now().join() === "orders 0");
    }
    await eventually(async () => now().length === 0);
    stop.abort();
    await following;
    expect(seen.some((one) => "unread" in one)).toBe(false);
  });

  test("that are broken carry one warning for one text, and the good one beside them is read", async () => {
    await using team = scenery();
    await team.make(policy("good", SOUND), policy("broken", "faults: nonsense"), policy("huge", "x".repeat(900_000)));
    const sighting = await maps().look(TEAM, deadline());
    if ("unread" in sighting) throw new Error(sighting.unread);
    const bounds = teamBounds({ namespaces: [TEAM] });
    const sound: string[] = [];
    for (const text of sighting.texts) {
      const answer = readTeamPolicy(text, bounds, "UTC");
      if (answer.kind === "sound") sound.push(answer.policy.name);
      // two workers, each of which tells it twice
      else for (const one of [maps(), maps()]) for (const _ of [1, 2]) await one.refuse(text, answer.why, deadline());
    }
    expect(sound).toEqual([`${TEAM}.good`]);
    expect(sighting.texts.every((one) => one.writtenBy !== null)).toBe(true);
    const path = collectionPath("events", TEAM);
    const events = await admin.request<EventsV1EventList>({ method: "GET", path }, deadline());
    const warnings = events.items.filter((one) => one.reason === "PolicyRefused");
    expect(warnings.map((one) => `${one.type} ${one.regarding?.kind} ${one.regarding?.name}`).sort()).toEqual([
      "Warning ConfigMap broken",
      "Warning ConfigMap huge",
    ]);
    expect(warnings.map((one) => one.note).join()).toContain("at most 16384 are read");
  });

  test("are unknown where the right to list them is missing", async () => {
    const forbidden = policyMaps(client, eventRecorder(client, "lab", quiet), clock, quiet);
    expect(await forbidden.look("kube-system", deadline())).toMatchObject({
      unread: expect.stringContaining("aftershock rbac"),
    });
  });
});
