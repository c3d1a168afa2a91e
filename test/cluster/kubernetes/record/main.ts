/**
 * Records `fixtures/kubernetes/` from a real cluster: `KUBECONFIG=… node
 * test/cluster/kubernetes/record/main.ts`, with the go-app example running in namespace `go-app`.
 * It deletes and evicts pods there, and leaves nothing behind.
 */
import { connect } from "../../../../src/adapters/kubernetes/client/client.ts";
import { loadKubeconfig } from "../../../../src/adapters/kubernetes/client/kubeconfig.ts";
import { watchPods } from "../../../../src/adapters/kubernetes/follow/watch.ts";
import { clientAt, NAMESPACE } from "../support/lab.ts";
import { recordingProxy } from "../support/recording-proxy.ts";
import { trimmed } from "../support/trim.ts";
import { recordLease } from "./lease.ts";
import { recordPodFaults } from "./pod-faults.ts";
import { recordReads } from "./reads.ts";
import { callsOf, pause, recorder, write } from "./recorder.ts";
import { recordRefusals } from "./refusals.ts";
import { recordStandingFaults } from "./standing-faults.ts";

const config = loadKubeconfig({});
const proxy = await recordingProxy(config);
await using client = clientAt({ server: proxy.url });
await using admin = connect();
const recording = recorder(proxy, client, admin);
await recording.repeaters();

const watching = new AbortController();
const watched = watchPods(client, [NAMESPACE], { pod() {}, trouble: console.warn }, watching.signal);
await recordReads(recording);
await recordPodFaults(recording);
await recordLease(recording);
watching.abort();
await watched;
await pause(200);
const events = recording.of("GET", "watch=true", 200)!.responseBody.split("\n");
const some = ["ADDED", "MODIFIED", "DELETED"].flatMap((type) =>
  events.filter((line) => line.includes(`"type":"${type}"`) && line.includes('"repeater-')).slice(0, 2),
);
write("watch-pods.ndjson", some.map((line) => `${JSON.stringify(trimmed(line))}\n`).join(""));

await recordStandingFaults(recording);
const calls = callsOf(proxy.exchanges);
write("calls.txt", `${calls.join("\n")}\n`);
await recordRefusals(recording);
await proxy.close();
console.log(`${proxy.exchanges.length} exchanges, ${calls.length} kinds of calls`);
