import { expect, test } from "bun:test";
import { request } from "node:http";
import { connect } from "node:net";
import { TasklogError } from "../../../../src/core/base/errors.ts";
import { silentLogger } from "../../../../src/core/base/logger.ts";
import { HttpHost } from "../../../../src/core/master/http/http.ts";

interface Answer {
  status: number | undefined;
  body: string;
}

async function withHost(work: (host: HttpHost, ask: Ask, port: number) => Promise<void>): Promise<void> {
  const host = new HttpHost({
    logger: silentLogger,
    metricsText: () => "m 1\n",
    allowOrigins: ["https://ci.example"],
  });
  const { port } = await host.listen({ host: "127.0.0.1", port: 0 });
  const ask: Ask = (path, headers = {}) =>
    new Promise((resolve, reject) => {
      const asked = request({ port, host: "127.0.0.1", path, headers }, (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode, body }));
      });
      asked.on("upgrade", (response, socket) => {
        socket.destroy();
        resolve({ status: response.statusCode, body: "upgraded" });
      });
      asked.on("error", reject);
      asked.end();
    });
  try {
    await work(host, ask, port);
  } finally {
    await host.close();
  }
}
type Ask = (path: string, headers?: Record<string, string>) => Promise<Answer>;

test("routes - the longest prefix answers, whole path parts only, and a route can be given back", () =>
  withHost(async (host, ask) => {
    const answer = (name: string) => ({
      request: (_q: unknown, response: { end(text: string): void }, rest: string) =>
        response.end(`${name}${rest}`),
    });
    const giveBack = host.route("/logs", answer("logs"));
    host.route("/logs/raw", answer("raw"));
    expect((await ask("/logs/a?x=1")).body).toBe("logs/a");
    expect((await ask("/logs/raw/b")).body).toBe("raw/b");
    expect((await ask("/logsx")).status).toBe(404);
    expect((await ask("/logs/raw/../a")).body).toBe("logs/a");
    expect((await ask("/logs/%2e%2e/healthz")).body).toBe("ok\n");
    expect(() => host.route("/logs", answer("other"), "the plugin x")).toThrow(
      "the path /logs is served by the master already",
    );
    expect(() => host.route("/logs/raw/x", answer("other"), "the plugin x")).toThrow(
      "the path /logs/raw/x is served, with /logs, by the master already",
    );
    host.route("/own/deep", answer("deep"), "the plugin x");
    expect(() => host.route("/own", answer("other"), "the plugin y")).toThrow(
      /with \/own\/deep, by the plugin x/,
    );
    host.route("/own", answer("own"), "the plugin x");
    expect((await ask("/own/deep/a")).body).toBe("deep/a");
    giveBack();
    expect(JSON.parse((await ask("/logs")).body)).toMatchObject({ error: { code: "not_found" } });
    expect((await ask("/")).body).toContain(
      "there is nothing at /; the page and the API come with the plugin ws",
    );
    host.route("/", answer("page"));
    expect((await ask("/anything")).body).toBe("page/anything");
  }));

test("healthz and metrics are there", () =>
  withHost(async (_host, ask) => {
    expect(await ask("/healthz")).toEqual({ status: 200, body: "ok\n" });
    expect((await ask("/metrics")).body).toBe("m 1\n");
  }));

test("host and origin - another site's name and page are refused, also on upgrades", () =>
  withHost(async (host, ask) => {
    host.route("/x", {
      upgrade: (_request, socket) => {
        socket.end("HTTP/1.1 101 Switching Protocols\r\nupgrade: t\r\nconnection: upgrade\r\n\r\n");
      },
    });
    for (const name of [
      "localhost",
      "localhost:8080",
      "a.localhost",
      "127.0.0.1:1",
      "[::1]:8080",
      "10.1.2.3",
    ]) {
      expect([name, (await ask("/healthz", { host: name })).status]).toEqual([name, 200]);
    }
    for (const name of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"]) {
      expect([name, (await ask("/healthz", { host: name })).status]).toEqual([name, 403]);
    }
    const from = (origin: string) => ask("/healthz", { host: "localhost:8080", origin });
    expect((await from("http://localhost:8080")).status).toBe(200);
    expect((await from("https://ci.example")).status).toBe(200);
    expect((await from("http://localhost:9090")).status).toBe(403);
    expect((await from("https://evil.example")).status).toBe(403);
    expect((await from("null")).status).toBe(403);
    const upgrade = { connection: "upgrade", upgrade: "t" };
    expect((await ask("/x", upgrade)).status).toBe(101);
    expect((await ask("/x", { ...upgrade, origin: "https://evil.example" })).status).toBe(403);
    expect((await ask("/nothing", upgrade)).status).toBe(404);
  }));

test("an offer of HTTP/2 is not taken up, and the request is answered", () =>
  withHost(async (host, ask) => {
    host.route("/x", { request: (_request, response) => void response.end("x"), upgrade: () => {} });
    const offer = {
      connection: "Upgrade, HTTP2-Settings",
      upgrade: "h2c",
      "http2-settings": "AAMAAABkAAQAAP__",
    };
    expect(await ask("/x", offer)).toEqual({ status: 200, body: "x" });
    expect((await ask("/healthz", offer)).body).toBe("ok\n");
    expect((await ask("/healthz", { ...offer, host: "evil.example" })).status).toBe(403);
  }));

test("a route that throws answers with its code, and the server goes on", () =>
  withHost(async (host, ask) => {
    host.route("/bad", {
      request: async (_request, _response, rest) => {
        if (rest === "/known") throw new TasklogError("ambiguous", "which one?");
        throw new Error("oh");
      },
    });
    expect(await ask("/bad/known")).toEqual({
      status: 409,
      body: '{"error":{"code":"ambiguous","message":"which one?"}}\n',
    });
    expect((await ask("/bad")).status).toBe(500);
    expect((await ask("/healthz")).status).toBe(200);
  }));

test("requests that could be read in two ways are refused, and long addresses are cut where they are shown", () =>
  withHost(async (host, _ask, port) => {
    const said: string[] = [];
    host.route("/x", {
      request: (_request, response) => void response.end("x"),
      upgrade: (_request, socket) => void socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
    });
    const ask = (text: string): Promise<string> =>
      new Promise((resolve) => {
        let answer = "";
        const socket = connect(port, "127.0.0.1");
        socket.on("data", (bytes) => {
          answer += bytes;
        });
        socket.on("close", () => resolve(answer));
        socket.write(text);
      });
    const tail = "connection: close\r\n\r\n";
    for (const [text, status] of [
      [`GET /x HTTP/1.1\r\nhost: localhost\r\n${tail}`, 200],
      [`GET /x HTTP/1.1\r\nhost: localhost\r\nHost: evil.example\r\n${tail}`, 400],
      [`GET http://evil.example/x HTTP/1.1\r\nhost: localhost\r\n${tail}`, 400],
      [`POST /x HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: gzip, chunked\r\n${tail}0\r\n\r\n`, 400],
      [`GET /x HTTP/1.1\r\nhost: localhost\r\nhost: a\r\nconnection: upgrade\r\nupgrade: t\r\n\r\n`, 400],
      [`GET /${"y".repeat(3000)} HTTP/1.1\r\nhost: localhost\r\n${tail}`, 404],
    ] as const) {
      const answer = await ask(text);
      said.push(answer);
      expect([text.slice(0, 80), answer.slice(0, 12)]).toEqual([text.slice(0, 80), `HTTP/1.1 ${status}`]);
    }
    expect(said.at(-1)?.length).toBeLessThan(1000);
  }));
