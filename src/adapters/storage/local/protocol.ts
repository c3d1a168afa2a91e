import type { Socket } from "node:net";
import { AftershockError, type ErrorCode } from "../../../core/model/error.ts";

/** One line of JSON each way. Bytes travel as base64. */
export interface Request {
  readonly id: number;
  readonly call: string;
  readonly args: readonly unknown[];
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: WireError };

export interface WireError {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly hint: string | undefined;
  readonly retryable: boolean;
}

export function toWire(cause: unknown): WireError {
  if (cause instanceof AftershockError) {
    return { code: cause.code, message: cause.message, hint: cause.hint, retryable: cause.retryable };
  }
  return {
    code: null,
    message: cause instanceof Error ? cause.message : String(cause),
    hint: undefined,
    retryable: false,
  };
}

export function fromWire({ code, message, hint, retryable }: WireError): Error {
  if (code === null) return new RangeError(message);
  return new AftershockError(code, message, { ...(hint === undefined ? {} : { hint }), retryable });
}

export const send = (socket: Socket, message: Request | Answer): boolean =>
  socket.write(`${JSON.stringify(message)}\n`);

/** Calls `receive` with each line of `socket`, parsed. What is not JSON ends the connection. */
export function onMessage(socket: Socket, receive: (message: unknown) => void): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      try {
        receive(JSON.parse(line));
      } catch (cause) {
        socket.destroy(cause instanceof Error ? cause : undefined);
        return;
      }
    }
  });
}
