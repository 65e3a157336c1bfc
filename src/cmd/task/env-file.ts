// Environment for a task, as docker takes it: KEY=VALUE as it stands, KEY alone from the caller's own environment.
// Values are not unquoted and nothing in them is expanded.
import { readFileSync } from "node:fs";
import { TasklogError } from "../../core/base/errors.ts";
import { parseKeyValue } from "../../core/base/labels.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** `--env KEY=VALUE` or `--env KEY`; undefined where the caller has no such variable. Throws a usage error. */
export function envEntry(text: string, env: Env, where: string): string | undefined {
  const { key, value } = parseKeyValue(text);
  if (key === "") throw new TasklogError("usage", `${where}: "${text}" has no name before the =`);
  if (/\s/.test(key)) throw new TasklogError("usage", `${where}: the name "${key}" has a space in it`);
  if (text.includes("\0")) throw new TasklogError("usage", `${where}: ${key} has a NUL byte in it`);
  if (value !== undefined) return text;
  const inherited = env[key];
  return inherited === undefined ? undefined : `${key}=${inherited}`;
}

/** The entries of a file, one a line; empty lines and those that begin with # are none. Names the line that is bad. */
export function readEnvFile(path: string, env: Env): string[] {
  const entries: string[] = [];
  for (const [index, line] of readLines(path).entries()) {
    const text = line.trimStart();
    if (text === "" || text.startsWith("#")) continue;
    const entry = envEntry(text, env, `env file ${path}, line ${index + 1}`);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function readLines(path: string): string[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const why =
      code === "ENOENT" ? "does not exist" : code === "EISDIR" ? "is a folder" : `cannot be read (${code})`;
    throw new TasklogError("usage", `env file ${path} ${why}`, { cause: error });
  }
  const lines = bytes.toString("latin1").split("\n");
  return lines.map((line, index) => {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(line, "latin1")).replace(/\r$/, "");
    } catch (error) {
      throw new TasklogError("usage", `env file ${path}, line ${index + 1}: not UTF-8`, { cause: error });
    }
  });
}
