import { expect, test } from "bun:test";
import { isPublic, TargetBlocked, TargetGuard } from "../../../src/plugins/webhook/target-guard.ts";

test("public - addresses that may be anybody's, and those that are somebody's own", () => {
  const open = [
    "1.1.1.1",
    "8.8.8.8",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.1.1",
    "223.255.255.254",
    "2606:4700::1",
  ];
  const closed = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "2002:a00:1::1",
    "nonsense",
    "",
  ];
  expect(open.filter((address) => !isPublic(address))).toEqual([]);
  expect(closed.filter(isPublic)).toEqual([]);
});

test("lookup - gives the very addresses it has looked at, or refuses the name", async () => {
  const lookup = (guard: TargetGuard, host: string, all: boolean) =>
    new Promise((resolve, reject) => {
      guard.lookup(host, { all }, (error, found) => (error ? reject(error) : resolve(found)));
    });
  const failure: unknown = await lookup(new TargetGuard([]), "localhost", true).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(TargetBlocked);
  // Not which address it has: who may name a URL may not ask the master's resolver about inner names.
  expect(String(failure)).toMatch(/: localhost does not lead to a public address.*allow-hosts/);
  expect(String(failure)).not.toMatch(/127|::1/);
  const open = new TargetGuard([" LocalHost. "]);
  expect(await lookup(open, "localhost", true)).toContainEqual({ address: "127.0.0.1", family: 4 });
  expect(["127.0.0.1", "::1"]).toContain((await lookup(open, "localhost", false)) as string);
  const missing: unknown = await lookup(open, "nowhere.invalid", true).catch((error: unknown) => error);
  expect(missing).toMatchObject({ code: "ENOTFOUND" });
});

test("addresses in URLs are judged without being looked up, however they are written", () => {
  const guard = new TargetGuard(["10.0.0.5", "fd00::5"]);
  const isAllowed = (url: string): boolean => {
    try {
      guard.requireAllowed(new URL(url));
      return true;
    } catch {
      return false;
    }
  };
  expect(isAllowed("http://10.0.0.5/")).toBe(true);
  expect(isAllowed("http://[fd00::5]/")).toBe(true);
  for (const host of ["10.0.0.6", "0x7f.1", "017700000001", "2130706433", "127.1", "[::ffff:a00:5]"]) {
    expect([host, isAllowed(`http://${host}/`)]).toEqual([host, false]);
  }
});
