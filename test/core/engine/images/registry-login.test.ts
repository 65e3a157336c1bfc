import { afterAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { registryLogin } from "../../../../src/core/engine/images/registry-login.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";

const dir = await tempDir();
const path = process.env["PATH"];
afterAll(async () => {
  process.env["PATH"] = path;
  await dir[Symbol.asyncDispose]();
});

let folders = 0;
async function loginOf(image: string, config: object) {
  const folder = join(dir.path, String(++folders));
  await mkdir(folder);
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  return await registryLogin(image, folder);
}

const auth = (text: string) => ({ auth: Buffer.from(text).toString("base64") });
const hub = "https://index.docker.io/v1/";

describe("plain entries", () => {
  test.each(["me/x", "x", "docker.io/me/x", "index.docker.io/me/x", "registry-1.docker.io/me/x"])(
    "%s has the login of Docker Hub",
    async (image) => {
      const login = { username: "me", password: "a:b", serveraddress: hub };
      expect(await loginOf(image, { auths: { [hub]: auth("me:a:b") } })).toEqual(login);
      expect(await loginOf(image, { auths: { "docker.io": auth("me:a:b") } })).toEqual(login);
    },
  );

  test.each(["reg.example:5000", "https://reg.example:5000", "http://reg.example:5000/v1/"])(
    "the registry is the entry %s",
    async (key) => {
      expect(await loginOf("reg.example:5000/x", { auths: { [key]: auth("me:pw") } })).toMatchObject({
        username: "me",
        password: "pw",
        serveraddress: "reg.example:5000",
      });
    },
  );

  test("a token goes before a password", async () => {
    const entry = { ...auth("me:"), identitytoken: "t0k" };
    expect(await loginOf("reg.example/x", { auths: { "reg.example": entry } })).toMatchObject({
      identitytoken: "t0k",
      password: "",
    });
  });

  test.each([
    {},
    { auths: {} },
    { auths: { "other.example": auth("me:pw") } },
    { auths: { "reg.example": {} } },
  ])("%j has none", async (config) => {
    expect(await loginOf("reg.example/x", config)).toBeUndefined();
  });
});

describe("credential helpers", () => {
  async function helper(name: string, script: string) {
    const file = join(dir.path, `docker-credential-${name}`);
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
    process.env["PATH"] = `${dir.path}:${path}`;
  }

  test("credsStore is asked for the registry, credHelpers go before it", async () => {
    await helper("all", 'read r; echo "{\\"Username\\":\\"$r\\",\\"Secret\\":\\"all\\"}"');
    await helper("one", 'echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"t0k\\"}"');
    const config = { credsStore: "all", credHelpers: { "one.example": "one" } };
    expect(await loginOf("me/x", config)).toMatchObject({ username: hub, password: "all" });
    expect(await loginOf("two.example/x", config)).toMatchObject({ username: "two.example" });
    expect(await loginOf("one.example/x", config)).toEqual({
      username: "",
      password: "",
      serveraddress: "one.example",
      identitytoken: "t0k",
    } as never);
  });

  test("one that has nothing is no failure; one that is missing or fails is told", async () => {
    await helper("empty", "echo 'credentials not found in native keychain'; exit 1");
    await helper("locked", "echo 'the keychain is locked' >&2; exit 1");
    expect(await loginOf("me/x", { credsStore: "empty" })).toBeUndefined();
    expect(loginOf("me/x", { credsStore: "locked" })).rejects.toThrow("the keychain is locked");
    expect(loginOf("me/x", { credsStore: "absent" })).rejects.toThrow("docker-credential-absent");
    expect(loginOf("me/x", { credsStore: "../../bin/sh" })).rejects.toThrow("no name of a program");
  });
});
