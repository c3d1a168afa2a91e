/** A failure that the reader can mend: what happened, and what to do next. */
export class Problem extends Error {
  /**
   * @param {string} message what happened
   * @param {string} hint what to do next
   */
  constructor(message, hint) {
    super(message);
    this.name = "Problem";
    this.hint = hint;
  }
}

/** One progress line, on standard error: standard output belongs to the command that follows. */
export function say(line) {
  process.stderr.write(`aftershock: ${line}\n`);
}

/** Prints why a script failed; the stack only of errors that nobody foresaw. */
export function report(cause) {
  if (cause instanceof Problem) say(`${cause.message}\n  → ${cause.hint}`);
  else say(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
}

/** Turns file system errors into a Problem that names the folder; anything else stays as it is. */
export function explainFileError(cause, folder) {
  switch (cause?.code) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new Problem(
        `cannot write in ${folder} (${cause.code})`,
        "make the folder writable for this user, or clone the project where you may write",
      );
    case "ENOSPC":
    case "EDQUOT":
      return new Problem(`the disk that holds ${folder} is full`, "free about 500 MB and run the command again");
    default:
      return cause;
  }
}
