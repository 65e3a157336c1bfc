// The framework runs whatever table it is handed: it knows none of tasklog's own commands.
import { describe, expect, test } from "bun:test";
import { type CommandTable, defineCommand } from "../../../src/cmd/framework/define-command.ts";
import { dispatch } from "../../../src/cmd/framework/dispatch.ts";
import type { Session } from "../../../src/cmd/framework/session.ts";
import type { Sink } from "../../../src/cmd/output/sink.ts";
import type { TasklogError } from "../../../src/core/base/errors.ts";

const greet = defineCommand({
  meta: { name: "greet", description: "greets" },
  args: { NAME: { type: "positional", required: true, description: "whom" } },
  examples: [{ command: "tasklog greet Ada", what: "greet Ada" }],
  async run({ args, session }) {
    await session.out.write(`hello ${args.NAME}\n`);
    return 7;
  },
});
const table: CommandTable = {
  root: defineCommand({
    meta: { name: "tasklog", description: "An executable of one command." },
    args: { verbose: { type: "boolean", description: "say more" } },
    examples: [],
    run: async () => 2,
  }),
  commands: [
    { name: "greet", alias: "hi", group: "Manners", summary: "greets somebody", load: async () => greet },
  ],
};

function sessionOf() {
  const written = { out: "", err: "" };
  const sink = (name: keyof typeof written) =>
    ({
      isTTY: false,
      columns: undefined,
      async write(text: string | Uint8Array) {
        written[name] += String(text);
      },
    }) as unknown as Sink;
  const session = { env: {}, out: sink("out"), err: sink("err"), verbose: false, color: "auto" };
  return { written, session: session as unknown as Session };
}

describe("dispatch", () => {
  test.each([
    [["greet", "Ada"], 7, "hello Ada\n"],
    [["hi", "Ada"], 7, "hello Ada\n"],
    [["help", "greet"], 0, "tasklog greet Ada"],
    [["--help"], 0, "greets somebody (or: hi)"],
  ])("%j exits with %i", async (argv, code, output) => {
    const { session, written } = sessionOf();
    expect(await dispatch(table, argv, session)).toBe(code);
    expect(written.out).toContain(output);
  });

  test.each([
    [["gret"], "did you mean `tasklog greet`?"],
    [["run"], 'unknown command "run"'],
    [["greet"], "needs a NAME"],
  ])("%j is refused", async (argv, message) => {
    const error = (await dispatch(table, argv, sessionOf().session).catch(
      (thrown) => thrown,
    )) as TasklogError;
    expect(error.code).toBe("usage");
    expect(error.message).toContain(message);
  });
});
