import { expect, test } from "bun:test";
import { TasklogError } from "../../../../src/core/base/errors.ts";
import {
  formatAddress,
  isLoopback,
  parseAddress,
  requireLoopback,
} from "../../../../src/core/rpc/link/addresses.ts";

test.each([
  ["127.0.0.1:7070", "127.0.0.1", 7070],
  ["localhost:0", "localhost", 0],
  ["[::1]:7070", "::1", 7070],
  ["[fe80::1%eth0]:1", "fe80::1%eth0", 1],
  ["build-1.example.org:65535", "build-1.example.org", 65535],
])("%s is an address and is written the same way again", (text, host, port) => {
  const address = parseAddress(text, "--grpc");
  expect(address).toEqual({ host, port });
  expect(formatAddress(address)).toBe(text);
});

test.each([
  ["", "has no port"],
  ["7070", "has no port"],
  [":7070", "has no host"],
  ["localhost", "has no port"],
  ["localhost:", "has no port between"],
  ["localhost:http", "has no port between"],
  ["localhost:65536", "has no port between"],
  ["localhost:-1", "has no port between"],
  ["::1:7070", "without brackets"],
  ["[::1]", "without brackets"],
  ["[1.2.3.4]:70", "neither a name nor an IP"],
  ["a b:70", "neither a name nor an IP"],
  ["http://localhost:7070", "is a URL"],
])("%j is refused in one sentence that names the flag", (text, why) => {
  let thrown: unknown;
  try {
    parseAddress(text, "--grpc");
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(TasklogError);
  const { code, message } = thrown as TasklogError;
  expect(code).toBe("usage");
  expect(message).toStartWith("--grpc ");
  expect(message).toContain(why);
  expect(message).not.toContain("\n");
});

test.each([
  ["127.0.0.1:1", true],
  ["127.8.9.10:1", true],
  ["localhost:1", true],
  ["[::1]:1", true],
  ["[::ffff:127.0.0.1]:1", true],
  ["0.0.0.0:1", false],
  ["[::]:1", false],
  ["127.evil.example:1", false],
  ["10.0.0.1:1", false],
])("%s is loopback: %p", (text, expected) => {
  expect(isLoopback(parseAddress(text, "x"))).toBe(expected);
});

test("an address beyond loopback needs --insecure", () => {
  const open = { host: "0.0.0.0", port: 7070 };
  expect(() => requireLoopback(open, false, "--grpc")).toThrow(/--grpc 0\.0\.0\.0:7070 .*--insecure/);
  expect(() => requireLoopback(open, true, "--grpc")).not.toThrow();
});
