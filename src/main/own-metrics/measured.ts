import type { KeptJournal } from "../../ports/journal.ts";
import type { JudgeRunner } from "../../ports/judge.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import type { Notifier } from "../../ports/notifier.ts";
import type { Queue } from "../../ports/queue.ts";
import type { Asked, OwnMetrics } from "./own-metrics.ts";

/** Puts a measure on each port; what a port promises, and how it fails, stays as it is. */
export interface Measuring {
  readonly own: OwnMetrics;
  judge(judge: JudgeRunner): JudgeRunner;
  journal(journal: KeptJournal): KeptJournal;
  source(source: MetricsSource): MetricsSource;
  notifier(notifier: Notifier): Notifier;
  queue(queue: Queue): Queue;
}

/** Answers what `task` answers, and tells how long it took and how it ended. */
async function timed<T>(task: () => Promise<T>, tell: (ms: number, how: Asked) => void): Promise<T> {
  const began = performance.now();
  try {
    const answer = await task();
    tell(performance.now() - began, "ok");
    return answer;
  } catch (cause) {
    tell(performance.now() - began, "failed");
    throw cause;
  }
}

/** Measures into `own`. */
export function measuring(own: OwnMetrics): Measuring {
  const reading = (kind: string) => (ms: number, how: Asked) => own.sourceRead(kind, ms, how);
  return {
    own,
    judge: (judge) => ({
      judge: (input, signal) => timed(() => judge.judge(input, signal), own.judgement),
      finalLook: (look, signal) => judge.finalLook(look, signal),
    }),
    journal: (journal) => ({
      append: (...given) => timed(() => journal.append(...given), own.journalAppend),
      read: (stream) => journal.read(stream),
      list: (...given) => journal.list(...given),
      listOpen: (kind) => journal.listOpen(kind),
      heads: (kind) => journal.heads(kind),
      rewrite: (...given) => journal.rewrite(...given),
      remove: (stream) => journal.remove(stream),
    }),
    source: (source) => ({
      ...source,
      counts: (...given) => timed(() => source.counts(...given), reading("counts")),
      history: (...given) => timed(() => source.history(...given), reading("history")),
      edges: (...given) => timed(() => source.edges(...given), reading("edges")),
      recent: (...given) => timed(() => source.recent(...given), reading("recent")),
      health: (signal) => timed(() => source.health(signal), reading("health")),
    }),
    notifier: (notifier) => ({
      ...notifier,
      async send(notice, signal) {
        const delivery = await notifier.send(notice, signal).catch((cause: unknown) => {
          own.message("failed");
          throw cause;
        });
        own.message(delivery);
        return delivery;
      },
    }),
    queue: (queue) => ({
      wake: (key, atMs) => queue.wake(key, atMs),
      start: (handler) => queue.start((key, signal) => timed(() => handler(key, signal), own.wakeUp)),
      close: (timeoutMs) => queue.close(timeoutMs),
    }),
  };
}
