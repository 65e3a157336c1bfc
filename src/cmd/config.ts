// `tasklog config`: what settings are in force and from where they came.
import { stylesOf } from "./client.ts";
import { type KeyName, loadSettings, settingKeys } from "./config/settings.ts";
import { clientFlags } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import { formatTable } from "./output/table.ts";

export default defineCommand({
  meta: { name: "config", description: "Shows each setting in force and where it comes from." },
  args: {
    json: { type: "boolean", description: "print NDJSON, one setting a line" },
    ...clientFlags,
    "data-dir": {
      type: "string",
      valueHint: "DIR",
      description: "show the settings as with this data folder",
    },
    "docker-host": {
      type: "string",
      valueHint: "URL",
      description: "show the settings as with this engine address",
    },
  },
  examples: [
    { command: "tasklog config", what: "which master is asked, and who says so" },
    { command: "TASKLOG_MASTER=10.0.0.5:7070 tasklog config --json", what: "for a script" },
  ],
  notes: [
    "A flag comes first, then the environment, then the config file, then the default. " +
      'The file is TOML with the same words as the flags: master = "10.0.0.5:7070".',
  ],
  run: async ({ args, session }) => {
    const settings = loadSettings(session.env, args);
    const styles = stylesOf(settings, session);
    const rows = (Object.keys(settingKeys) as KeyName[]).map((name) => ({ name, ...settings[name] }));
    if (args.json) {
      await session.out.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      return 0;
    }
    const table = formatTable(
      rows,
      [
        { title: "SETTING", text: (row) => row.name },
        { title: "VALUE", text: (row) => row.value },
        { title: "FROM", text: (row) => row.origin, style: (text) => styles.out.dim(text) },
      ],
      // A part of a value is of no use: nothing is cut to the terminal's width.
      { title: styles.out.bold },
    );
    await session.out.write(table);
    await session.err.write(styles.err.dim(`config file: ${settings.path}\n`));
    return 0;
  },
});
