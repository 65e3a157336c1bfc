// `npm start`, as somebody who has just cloned the repository sees it, with stdout no terminal.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { answers } from "../../scripts/engine.mjs";
import { Child } from "../helpers/child.ts";
import { useEngine } from "../helpers/engine.ts";

const root = join(import.meta.dir, "../..");
const engine = await useEngine();

function npmStart(env: Record<string, string>): Child {
  const inherited = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" };
  return new Child(["node", "scripts/start.mjs"], { cwd: root, env: { ...inherited, ...env } });
}

test("npm start - runs the demonstration in a container, shows it twice, says what to try, leaves with 0", async () => {
  const { code, stdout, stderr } = await npmStart({ DOCKER_HOST: engine }).ended;
  expect([code, stderr]).toEqual([0, ""]);
  for (const monitor of ["monitor 1", "monitor 2"]) {
    expect(stdout).toMatch(new RegExp(`^${monitor} │ step 1: working$`, "m"));
    expect(stdout).toMatch(new RegExp(`^${monitor} ┆ .*step 3: a warning`, "m"));
    expect(stdout).toMatch(new RegExp(`^${monitor} │ done$`, "m"));
  }
  expect(stdout).toContain("dist/tasklog run");
});

test("npm start - without an engine says so and uses plain processes", async () => {
  if (await answers("unix:///var/run/docker.sock")) return; // this machine has one; it cannot be wished away
  const { code, stdout } = await npmStart({ DOCKER_HOST: "unix:///nonexistent/docker.sock" }).ended;
  expect(code).toBe(0);
  expect(stdout).toContain("No Docker engine answers");
  expect(stdout).toMatch(/^monitor 2 │ done$/m);
});
