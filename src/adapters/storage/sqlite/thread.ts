import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { blobCalls } from "./blobs.ts";
import { type Answer, type Failure, OPENED, type Request, type StoreCalls, type ThreadStart } from "./calls.ts";
import { type Connection, connect, resultCode } from "./connection.ts";
import { streamCalls } from "./streams.ts";
import { wakeUpCalls } from "./wake-ups.ts";

/** Most calls that share one commit. */
const MOST_AT_ONCE = 100;

/**
 * The thread that holds the embedded database. A commit waits for the disk here, and not on the
 * event loop that serves the halt; calls that came meanwhile share the next one.
 */
function storeOn(connection: Connection, { cluster }: ThreadStart): StoreCalls {
  return {
    ...streamCalls(connection, cluster),
    ...blobCalls(connection, cluster),
    ...wakeUpCalls(connection, cluster),
    close: () => connection.database.close(),
  };
}

const failureOf = (cause: unknown): Failure => ({
  code: resultCode(cause),
  message: cause instanceof Error ? cause.message : String(cause),
});

function answerTo(store: StoreCalls, { id, call, args }: Request): Answer {
  try {
    const method = store[call] as (...args: readonly unknown[]) => unknown;
    return { id, value: method(...args) };
  } catch (cause) {
    return { id, failure: failureOf(cause) };
  }
}

/**
 * One commit for all; when anything fails, nothing of it is kept, and each call is made again by
 * itself.
 */
function answerAll({ write }: Connection, store: StoreCalls, requests: readonly Request[]): readonly Answer[] {
  const oneByOne = () => requests.map((request) => answerTo(store, request));
  if (requests.length === 1) return oneByOne();
  try {
    return write(() => {
      const answers = oneByOne();
      if (answers.some((answer) => "failure" in answer)) throw new Error("one of several calls failed");
      return answers;
    });
  } catch {
    return oneByOne();
  }
}

/** `first`, and what else waits at the port. */
function waitingFrom(first: Request): readonly Request[] {
  const requests = [first];
  while (requests.length < MOST_AT_ONCE) {
    const next: { message: Request } | undefined = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
    if (next === undefined) break;
    requests.push(next.message);
  }
  return requests;
}

const say = (answer: Answer): void => parentPort?.postMessage(answer);

const start = workerData as ThreadStart;
try {
  const connection = await connect(start.file, start.durable);
  const store = storeOn(connection, start);
  parentPort?.on("message", (first: Request) => {
    for (const answer of answerAll(connection, store, waitingFrom(first))) say(answer);
  });
  say({ id: OPENED, value: null });
} catch (cause) {
  say({ id: OPENED, failure: failureOf(cause) });
}
