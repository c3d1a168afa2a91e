import { userInfo } from "node:os";
import type { Io } from "../io.ts";

/** Who gives an order, for the record. */
export const whoami = (io: Io): string => io.env.AFTERSHOCK_USER ?? userInfo().username;
