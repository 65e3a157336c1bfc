// The ssh server of the tests of engines behind ssh: Debian's openssh-server, installed when it is missing and that can be
// done. Plain Node, because `npm test` calls it before anything is installed. The tests start it themselves, with a
// configuration of their own, on the loopback only.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const places = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"];

/** The path of an ssh server; undefined: there is none, or no ssh, or no docker command for it to call. */
export function findSshd() {
  const found = places.find((path) => existsSync(path));
  return ["ssh", "ssh-keygen", "docker"].every(onPath) ? found : undefined;
}

function onPath(name) {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(`${folder}/${name}`));
}

/** Installs it with apt-get, as root on Debian; else leaves it to the tests to say that it is missing. */
export function provideSshd(say) {
  if (findSshd() !== undefined || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  say("installing openssh-server for the tests of engines behind ssh …");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [
    "update",
    "install -y --no-install-recommends openssh-server openssh-client docker.io",
  ]) {
    spawnSync("apt-get", args.split(" "), { env, stdio: "ignore", timeout: 10 * 60_000 });
  }
}
