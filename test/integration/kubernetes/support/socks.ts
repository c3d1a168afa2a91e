import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * A SOCKS 5 proxy on a free loopback port, for IPv4 addresses and without a password (RFC 1928).
 */
export interface SocksProxy extends AsyncDisposable {
  readonly url: string;
  readonly tunnels: () => number;
}

export async function socksProxy(): Promise<SocksProxy> {
  const sockets = new Set<Socket>();
  let tunnels = 0;
  const server: Server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => client.destroy());
    client.once("data", () => {
      client.write(Uint8Array.of(5, 0));
      client.once("data", (wanted) => {
        const target = connect(wanted.readUInt16BE(8), wanted.subarray(4, 8).join("."), () => {
          tunnels += 1;
          client.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
          client.pipe(target).pipe(client);
        });
        sockets.add(target);
        target.on("error", () => client.destroy());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `socks5://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels: () => tunnels,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
