// `tasklog inspect`: all that is known about tasks.
import { type AdoptedJson, toTaskJsonInFull } from "../core/rpc/task-json.ts";
import { withMaster } from "./client.ts";
import { clientFlags } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import { printable } from "./output/printable.ts";
import type { Style } from "./output/style.ts";

export default defineCommand({
  meta: { name: "inspect", description: "Shows all that is known about tasks." },
  args: {
    TASK: { type: "positional", multiple: true, required: true, description: "id, unique prefix or name" },
    json: { type: "boolean", description: "print NDJSON, one task a line" },
    ...clientFlags,
  },
  examples: [
    { command: "tasklog inspect nightly", what: "where it ran, how it ended, and why" },
    { command: "tasklog inspect --json nightly | jq .exitCode", what: "one fact, for a script" },
  ],
  notes: ["Of environment variables only the names are shown."],
  run: ({ args, session }) =>
    withMaster({ args, session }, async ({ client, styles }) => {
      for (const [index, ref] of args.TASK.entries()) {
        const facts = toTaskJsonInFull(await client.getTask(ref));
        const text = args.json ? `${JSON.stringify(facts)}\n` : formatFacts(facts, styles.out);
        await session.out.write(index > 0 && !args.json ? `\n${text}` : text);
      }
      return 0;
    }),
});

/** Names and values below each other, aligned; nothing that is empty. */
function formatFacts(facts: object, style: Style): string {
  const lines = flatten(facts);
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${style.bold(name.padEnd(width))}  ${printable(value)}\n`).join("");
}

function flatten(facts: object): [string, string][] {
  return Object.entries(facts).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === "" || value === false) return [];
    if (Array.isArray(value)) return value.length === 0 ? [] : [[name, value.join(" ")]];
    if (typeof value !== "object") return [[name, String(value)]];
    if (name === "spec") return flatten(specFacts(value));
    if (name === "adopted") return flatten(adoptedFacts(value as AdoptedJson));
    const entries = Object.entries(value);
    return entries.length === 0 ? [] : [[name, entries.map(([key, text]) => `${key}=${text}`).join(" ")]];
  });
}

/** The user who submitted the task stands there already. */
function specFacts({ user, ...spec }: { user?: unknown }): object {
  return { ...spec, "container user": user };
}

function adoptedFacts({ container, source, limits }: AdoptedJson): object {
  const names: Record<string, string> = {
    "log-file": "the engine's log file",
    "logs-api": "the engine's logs API",
  };
  const from = source === null ? null : (names[source] ?? source);
  return {
    adopted: `the container ${container}, which tasklog only reads`,
    source: from,
    "source limits": limits.join("; "),
  };
}
