// The browser of the page's tests: Debian's chromium, installed when it is missing and that can be done. Plain Node,
// because `npm test` calls it before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The path of a Chromium; undefined: there is none. TASKLOG_TEST_CHROMIUM names another one. */
export function findChromium() {
  const named = process.env.TASKLOG_TEST_CHROMIUM;
  return [...(named ? [named] : []), ...places].find((path) => existsSync(path));
}

/** Installs it with apt-get, as root on Debian; else leaves it to the tests to say that it is missing. */
export function provideChromium(say) {
  if (findChromium() !== undefined || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  say("installing chromium for the tests of the page …");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of ["update", "install -y --no-install-recommends chromium fonts-dejavu-core"]) {
    spawnSync("apt-get", args.split(" "), { env, stdio: "ignore", timeout: 10 * 60_000 });
  }
}
