// Stands between two programs so that a test can cut the line between them: a TCP port that forwards to another port
// or to a Unix socket.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface TcpProxy extends AsyncDisposable {
  /** 127.0.0.1:port */
  readonly address: string;
  /** Destroys all connections that stand; new ones are taken. */
  cut(): void;
  /** Destroys all connections and takes no new ones. */
  close(): Promise<void>;
}

/** `target` is `host:port` or the path of a Unix socket. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const [host, port] = target.split(":");
    const far = target.startsWith("/") ? connect(target) : connect(Number(port), host ?? "");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.once("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    cut();
    await closed;
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    close,
    [Symbol.asyncDispose]: close,
  };
}
