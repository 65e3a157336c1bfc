// The plugin that prints what all running tasks print, on the master's own terminal: each line behind the name of
// its task, in a colour that stays the task's own. A terminal that stops reading holds up this plugin and nobody
// else: its cursors fall behind and read on from the worker's disk.
import { definePlugin } from "../../core/plugin-api.ts";
import { terminal } from "./output.ts";
import { startPrinting } from "./printing.ts";

export default definePlugin({
  name: "cli",
  description: "prints the lines of all running tasks on the master's terminal",
  options: {
    tasks: { type: "list", default: [], description: "only tasks of these names, ids or labels (key=value)" },
    tail: {
      type: "number",
      default: 10,
      min: 0,
      description: "lines of the past for tasks that run already",
    },
    color: {
      type: "string",
      default: "auto",
      choices: ["auto", "always", "never"],
      description: "colour the prefixes; auto: on a terminal",
    },
  },
  start: async (host) => startPrinting(host, terminal()),
});
