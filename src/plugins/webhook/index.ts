// The plugin that calls URLs when tasks are done: those of its own options for every task, and those that a task was
// submitted with (`tasklog run --webhook`). Calls follow Standard Webhooks (https://www.standardwebhooks.com) and carry
// a CloudEvent; what could not be delivered is in the master's database until it is.
//
// Deliberately absent: other shapes of payload. Whoever needs a chat's own format writes a plugin: docs/plugins.md.
import { definePlugin } from "../../core/plugin-api.ts";
import { startWebhooks } from "./start-webhooks.ts";

export default definePlugin({
  name: "webhook",
  description: "calls URLs when tasks are done, signed, and again until it is delivered",
  options: {
    urls: {
      type: "list",
      default: [],
      description: "called for every task; tasks name their own with --webhook",
    },
    statuses: {
      type: "list",
      default: [],
      description: "call `urls` only for tasks that end so: success, failed, cancelled, lost",
    },
    events: { type: "list", default: ["completed"], description: "when to call: completed, started" },
    lines: {
      type: "number",
      default: 20,
      min: 0,
      max: 1000,
      description: "lines of the log's end in a call",
    },
    secrets: {
      type: "list",
      default: [],
      description:
        "whsec_… to sign with; several while they are exchanged; each URL has one of its own by default",
    },
    "secret-file": { type: "string", description: "file with secrets, one a line, in place of `secrets`" },
    "allow-hosts": {
      type: "list",
      default: [],
      description: "hosts that may be called although they are private: ci.internal, 10.0.0.5",
    },
    link: { type: "string", description: "where people reach the master's pages: https://tasklog.example" },
    schedule: {
      type: "list",
      default: [],
      description: "seconds before each attempt; the standard's by default: 0,5,300,1800,7200,…,86400",
    },
  },
  start: startWebhooks,
});
