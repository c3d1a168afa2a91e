import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A message of the program, as far as it is kept. */
export interface Message {
  readonly kind: string;
  readonly title: string;
  /** Services that it names, as `namespace/name`. */
  readonly services: readonly string[];
}

interface Delivered {
  readonly data: Omit<Message, "services"> & {
    readonly experiment: string | null;
    readonly services: readonly { readonly service: string }[];
  };
}

/** Where the program's webhook leads. */
export interface Mailbox {
  readonly url: string;
  /** Messages about one experiment, in the order in which they came. */
  about(experiment: string): readonly Message[];
  close(): void;
}

/** Listens on a free port of this machine, and keeps everything that comes. */
export async function openMailbox(): Promise<Mailbox> {
  const kept = new Map<string, Message[]>();
  const server = createServer(async (request, response) => {
    const { data } = JSON.parse(await text(request)) as Delivered;
    const { experiment, kind, title, services } = data;
    const message = { kind, title, services: services.map(({ service }) => service) };
    if (experiment !== null) kept.set(experiment, [...(kept.get(experiment) ?? []), message]);
    response.writeHead(204).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    about: (experiment) => kept.get(experiment) ?? [],
    close: () => void server.close(),
  };
}
