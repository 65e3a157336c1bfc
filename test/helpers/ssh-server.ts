// An ssh server of a test's own on the loopback, with its own host key, and an `ssh` that knows nothing of this machine's
// settings: a folder to be put first on the PATH.
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findSshd } from "../../scripts/sshd.mjs";
import { freePort } from "./free-port.ts";
import { tempDir } from "./temp-dir.ts";
import { until } from "./until.ts";

export interface SshServer extends AsyncDisposable {
  readonly port: number;
  /** The folder with the `ssh` that uses `config`. */
  readonly bin: string;
  /** Its ssh_config, as ~/.ssh/config would be. */
  readonly config: string;
  /** Gives the server another host key, as another host at the same address would have. */
  changeHostKey(): Promise<void>;
}

/** `engine`: DOCKER_HOST of the engine that is behind it. Throws when there is no sshd. */
export async function startSshServer(engine: string): Promise<SshServer> {
  const sshd = findSshd();
  if (sshd === undefined) throw new Error("there is no sshd here");
  const temp = await tempDir();
  const dir = temp.path;
  const port = await freePort();
  const bin = join(dir, "bin");
  const config = join(dir, "config");
  await mkdir(bin);
  await mkdir("/run/sshd", { recursive: true });
  await keygen(join(dir, "host"));
  await keygen(join(dir, "user"));
  await writeFile(join(dir, "keys"), await readFile(join(dir, "user.pub")), { mode: 0o600 });
  await writeFile(
    join(dir, "sshd_config"),
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${dir}/host\nPidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\nAuthorizedKeysFile ${dir}/keys\nSetEnv DOCKER_HOST=${engine}\n`,
  );
  await writeFile(
    config,
    `Host *\n  UserKnownHostsFile ${dir}/known\n  GlobalKnownHostsFile none\n  StrictHostKeyChecking accept-new\n  IdentityFile ${dir}/user\n  IdentitiesOnly yes\n  IdentityAgent none\nHost far\n  HostName 127.0.0.1\n  Port ${port}\n`,
    { mode: 0o600 },
  );
  const ssh = Bun.which("ssh") ?? "ssh";
  await writeFile(join(bin, "ssh"), `#!/bin/sh\nexec ${ssh} -F ${config} "$@"\n`);
  await chmod(join(bin, "ssh"), 0o755);
  const start = () =>
    Bun.spawn([sshd, "-D", "-e", "-f", join(dir, "sshd_config")], { stdout: "ignore", stderr: "ignore" });
  let server = start();
  const ready = () =>
    until("the ssh server answers", async () => {
      const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
      socket.end();
      return true;
    });
  const end = async () => {
    server.kill();
    await server.exited;
  };
  await ready();
  return {
    port,
    bin,
    config,
    async changeHostKey() {
      await end();
      await rm(join(dir, "host"));
      await keygen(join(dir, "host"));
      server = start();
      await ready();
    },
    async [Symbol.asyncDispose]() {
      await end();
      await temp[Symbol.asyncDispose]();
    },
  };
}

async function keygen(path: string): Promise<void> {
  const made = Bun.spawn(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], { stdin: "ignore" });
  if ((await made.exited) !== 0) throw new Error(`ssh-keygen failed for ${path}`);
}
