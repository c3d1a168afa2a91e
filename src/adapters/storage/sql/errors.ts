import { AftershockError } from "../../../core/model/error.ts";
import { full, unavailable, unusable } from "../errors.ts";

/** SQLSTATE classes and codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const DISK_FULL = "53100";
const NOT_ALLOWED = ["42501", "28000", "28P01", "3D000"];

/** What PostgreSQL or its driver said, in our words. */
export function sqlError(where: string, cause: unknown): AftershockError {
  if (cause instanceof AftershockError) return cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const why = cause instanceof Error ? cause.message : String(cause);
  if (code === DISK_FULL) return full(where, why, "free or add disk space where the database lies");
  if (NOT_ALLOWED.includes(code)) {
    return unusable(
      where,
      why,
      "check user, password and database of storage.url; the user must be allowed to create a schema",
    );
  }
  if (code.startsWith("22")) return unusable(where, why, "this is a defect of Aftershock: please report it");
  if (code.startsWith("42"))
    return unusable(where, why, "its tables are not what this program made: use another database");
  return unavailable(where, cause);
}
