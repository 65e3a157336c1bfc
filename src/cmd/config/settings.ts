// The settings in force, and where each comes from: a flag, then the environment, then the config file, then the
// default.
import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { TasklogError } from "../../core/base/errors.ts";
import { homeFolder } from "../../core/base/home-folder.ts";
import { type ColorChoice, hasColor } from "../output/style.ts";
import { configPath, type PluginTables, readConfig } from "./config-file.ts";

type Env = Readonly<Record<string, string | undefined>>;

interface Setting {
  readonly value: string;
  /** `--master`, `TASKLOG_MASTER`, `…/config.toml:3` or `default`. */
  readonly origin: string;
}

interface Key {
  readonly env: string;
  readonly what: string;
  /** A flag of this name means something else: `--user` of `run` is the container's, that of `ps` a filter. */
  readonly flag?: false;
  readonly default: (env: Env) => string;
}

export const settingKeys = {
  master: { env: "TASKLOG_MASTER", what: "address of the master", default: () => "127.0.0.1:7070" },
  user: { env: "TASKLOG_USER", what: "who you are to the master", flag: false, default: userName },
  "data-dir": { env: "TASKLOG_DATA_DIR", what: "where master and worker keep their data", default: dataDir },
  "docker-host": {
    env: "DOCKER_HOST",
    what: "the container engine",
    default: () => "unix:///var/run/docker.sock",
  },
  color: { env: "TASKLOG_COLOR", what: "auto, always or never", default: () => "auto" },
} as const satisfies Record<string, Key>;

export type KeyName = keyof typeof settingKeys;
export type Settings = Readonly<Record<KeyName, Setting>> & {
  readonly path: string;
  /** The tables `[plugins.NAME]` of the config file. */
  readonly plugins: PluginTables;
};

const names = Object.keys(settingKeys) as KeyName[];

/** `flags` holds the values of flags named like a key, undefined where a flag was not given. */
export function loadSettings(env: Env, flags: Readonly<Record<string, unknown>> = {}): Settings {
  const path = configPath(env);
  const { values: file, plugins } = readConfig(path, names);
  const settings = names.map((name): [KeyName, Setting] => {
    const flag = "flag" in settingKeys[name] ? undefined : flags[name];
    if (typeof flag === "string") return [name, { value: flag, origin: `--${name}` }];
    const variable = env[settingKeys[name].env];
    if (variable) return [name, { value: variable, origin: settingKeys[name].env }];
    const entry = file.get(name);
    if (entry !== undefined) return [name, { value: entry.value, origin: `${path}:${entry.line}` }];
    return [name, { value: settingKeys[name].default(env), origin: "default" }];
  });
  return { ...(Object.fromEntries(settings) as Record<KeyName, Setting>), path, plugins };
}

export function colorChoice({ color }: Settings): ColorChoice {
  if (color.value === "auto" || color.value === "always" || color.value === "never") return color.value;
  throw new TasklogError("usage", `${color.origin}: color is auto, always or never, not "${color.value}"`);
}

/** True if this stream gets colours. */
export function colorFor(settings: Settings, env: Env, isTTY: boolean): boolean {
  return hasColor(colorChoice(settings), env, isTTY);
}

/** Bun's userInfo() knows no other name than USER, so the password file is read where that is not set. */
function userName(env: Env): string {
  const uid = process.getuid?.() ?? -1;
  return env["USER"] || env["LOGNAME"] || passwordFileName(uid) || `uid-${uid}`;
}

function passwordFileName(uid: number): string | undefined {
  try {
    const entries = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .map((line) => line.split(":"));
    return entries.find(([, , id]) => id === String(uid))?.[0];
  } catch {
    return undefined;
  }
}

function dataDir(env: Env): string {
  const base = env["XDG_DATA_HOME"];
  if (base !== undefined && isAbsolute(base)) return join(base, "tasklog");
  if (process.getuid?.() === 0) return "/var/lib/tasklog";
  const home = homeFolder(env);
  // A user without a home may have been given the system's folder; else the message about it says to name another.
  return home === undefined ? "/var/lib/tasklog" : join(home, ".local", "share", "tasklog");
}
