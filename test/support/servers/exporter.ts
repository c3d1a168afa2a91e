import { once } from "node:events";
import { createServer } from "node:http";

export interface Exporter extends AsyncDisposable {
  /** `127.0.0.1:12345` */
  readonly address: string;
  /**
   * Resolves when the last page was not only fetched but kept: scrapes of one target follow each
   * other.
   */
  readonly drained: Promise<void>;
}

/**
 * A proxy to be scraped on loopback: the next page at every scrape, and the last one ever after.
 */
export async function startExporter(pages: readonly Buffer[], contentType: string): Promise<Exporter> {
  let scrapes = 0;
  const done = Promise.withResolvers<void>();
  const server = createServer((_, reply) => {
    reply.writeHead(200, { "content-type": contentType }).end(pages[Math.min(scrapes, pages.length - 1)]);
    scrapes++;
    if (scrapes > pages.length) done.resolve();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    address: `127.0.0.1:${address.port}`,
    drained: done.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
