// The world of webhook-rebinding.test.ts, in a network of its own that has a public address and a metadata service's: the
// name server there lies, and the master calls names. Prints what came of each call, as JSON.
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { startDnsServer } from "../helpers/dns-server.ts";
import { Tasklog } from "../helpers/tasklog.ts";

const publicAddress = "1.2.3.4";
const metadataAddress = "169.254.169.254";
const loopbackAddress = "127.0.0.1";

/** What the name server says, by name and by how often it was asked. */
const answers: Record<string, (nth: number) => readonly string[]> = {
  "metadata-after.test": (nth) => [nth === 1 ? publicAddress : metadataAddress],
  "loopback-after.test": (nth) => [nth === 1 ? publicAddress : loopbackAddress],
  "in-turn.test": (nth) => [nth % 2 === 1 ? publicAddress : loopbackAddress],
  "both.test": () => [publicAddress, metadataAddress],
  "opened.test": () => [loopbackAddress],
};

const reached: Record<string, string[]> = {
  [publicAddress]: [],
  [metadataAddress]: [],
  [loopbackAddress]: [],
};
for (const address of Object.keys(reached)) {
  const server = createServer((request, response) => {
    reached[address]?.push(request.headers.host ?? "");
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(80, address, resolve));
}
using dns = await startDnsServer(loopbackAddress, (name, nth) => answers[name]?.(nth));
const t = await Tasklog.create("unix:///nowhere");
const allowed = ["--plugin-option", "webhook.allow-hosts=opened.test"];
await t.up("--runtime", "process", "--plugins", "webhook", ...allowed);
const calls: { name: string; code: number; said: string; asked: number }[] = [];
for (const name of [...Object.keys(answers), "metadata-after.test", "loopback-after.test", "in-turn.test"]) {
  const before = dns.asked(name);
  const { code, stdout } = await t.run("webhooks", "test", `http://${name}/`);
  calls.push({ name, code, said: stdout, asked: dns.asked(name) - before });
}
await t.stopServers();
await rm(t.dir, { recursive: true }); // `close` would ask an engine
console.log(JSON.stringify({ calls, reached }));
process.exit(0);
