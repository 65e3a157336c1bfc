import { expect, test } from "bun:test";
import { sshArguments } from "../../../../src/core/engine/client/ssh-connection.ts";

test.each([
  ["ssh://far", "-o ConnectTimeout=30 -T -- far docker system dial-stdio"],
  ["ssh://me@far:2222", "-l me -p 2222 -o ConnectTimeout=30 -T -- far docker system dial-stdio"],
  ["ssh://me%40corp@far/", "-l me@corp -o ConnectTimeout=30 -T -- far docker system dial-stdio"],
  ["ssh://[::1]", "-o ConnectTimeout=30 -T -- ::1 docker system dial-stdio"],
  [
    "ssh://far/run/d.sock",
    "-o ConnectTimeout=30 -T -- far docker --host unix:///run/d.sock system dial-stdio",
  ],
  // What begins with a dash is a host all the same, and no option of ssh.
  ["ssh://-oProxyCommand=x", "-o ConnectTimeout=30 -T -- -oProxyCommand=x docker system dial-stdio"],
])("%s is reached by ssh %s", (host, words) => {
  expect(sshArguments(host).join(" ")).toBe(words);
});
