import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/**
 * A proxy that tunnels (CONNECT), or refuses with `status`; asks for `authorization` when that is
 * given.
 */
export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  readonly tunnels: () => number;
  /** Whether it answers nobody. */
  hangs: boolean;
}

export async function connectProxy(refuses?: number, authorization?: string): Promise<ConnectProxy> {
  const sockets = new Set<Socket>();
  let tunnels = 0;
  const server: Server = createServer();
  server.on("connect", (request, client: Socket) => {
    sockets.add(client);
    client.on("error", () => client.destroy());
    if (proxy.hangs) return;
    const known = authorization === undefined || request.headers["proxy-authorization"] === authorization;
    const status = refuses ?? (known ? 200 : 407);
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const { hostname, port } = new URL(`http://${request.url}`);
    const target = connect(Number(port), hostname, () => {
      tunnels += 1;
      client.write("HTTP/1.1 200 Yes\r\n\r\n");
      client.pipe(target).pipe(client);
    });
    sockets.add(target);
    target.on("error", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: ConnectProxy = {
    hangs: false,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels: () => tunnels,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
