/** A command that has said its last line may take this long to close what it opened, ms. */
const CLOSE_MS = 2_000;
/** Looked at this often whether everything that was said has been read, ms. */
const LOOK_MS = 100;
/** Who reads what we print may take this long, ms. */
const READ_MS = 5_000;

/** After a signal a command may clean up for this long, ms. */
const STOPS_MS = 8_000;
/** A worker in the middle of a fault may take so long: Kubernetes waits for 30 s. */
const WORKER_STOPS_MS = 25_000;

let atWork = (): boolean => false;

/** Tells what keeps a stopped worker for longer: something that is better not broken off. */
export function waitWhile(isAtWork: () => boolean): void {
  atWork = isAtWork;
}

/** Ends the process some seconds after a signal, whatever keeps it alive. */
export function endAfterSignal(exitCode: number): void {
  const began = performance.now();
  const look = (): void => {
    if (!atWork() || performance.now() - began > WORKER_STOPS_MS) process.exit(exitCode);
    setTimeout(look, LOOK_MS).unref();
  };
  setTimeout(look, STOPS_MS).unref();
}

/**
 * Ends the process although something (a storage that answers nobody, a library's timer) keeps it
 * alive; sooner when nothing does. What was printed is written out first, as far as anybody reads
 * it.
 */
export function endSoon(exitCode: number): void {
  const began = performance.now();
  const look = (): void => {
    const pending = process.stdout.writableLength + process.stderr.writableLength;
    if (pending > 0 && performance.now() - began < CLOSE_MS + READ_MS) return void setTimeout(look, LOOK_MS).unref();
    process.exit(exitCode);
  };
  setTimeout(look, CLOSE_MS).unref();
}
