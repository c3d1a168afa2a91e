/** A command that has said its last line may take this long to close what it opened, ms. */
const CLOSE_MS = 2_000;
/** Looked at this often whether everything that was said has been read, ms. */
const LOOK_MS = 100;
/** Who reads what we print may take this long, ms. */
const READ_MS = 5_000;

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
