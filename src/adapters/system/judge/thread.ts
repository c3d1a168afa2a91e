import { parentPort } from "node:worker_threads";
import { judge, nullBook } from "../../../core/judge/judge.ts";
import { type Answer, inputOf, type Task } from "./messages.ts";

/** The thread that judges: one task after the other. Nulls stay here, and are extended by the next task that needs the same ones. */
const book = nullBook();

function answerTo(task: Task): Answer {
  try {
    return { id: task.id, judgement: judge(inputOf(task), book.nulls) };
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    return { id: task.id, error: error.message, stack: error.stack };
  }
}

parentPort?.on("message", (task: Task) => parentPort?.postMessage(answerTo(task)));
