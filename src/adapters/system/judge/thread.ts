import { parentPort, workerData } from "node:worker_threads";
import { finalLook } from "../../../core/judge/design/final-look.ts";
import { judge, nullBook, type Pages } from "../../../core/judge/judge.ts";
import { type Answer, type FromThread, inputOf, type Task, type ToThread } from "./messages.ts";

/**
 * The thread that judges: one task after the other. Placebo scores stay here, and are extended by
 * the next task that needs the same ones; before it ends they are handed over to the next thread.
 */
const book = nullBook(workerData as Pages);

function answerTo(task: Task): Answer {
  try {
    if ("look" in task) return { id: task.id, final: finalLook(task.look) };
    return { id: task.id, judgement: judge(inputOf(task), book.nulls) };
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    return { id: task.id, error: error.message, stack: error.stack };
  }
}

parentPort?.on("message", (told: ToThread) => {
  const said: FromThread = told === "rest" ? { pages: book.pages() } : answerTo(told);
  parentPort?.postMessage(said);
});
