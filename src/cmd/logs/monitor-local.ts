// `tasklog monitor CONTAINER …` where no master runs.
import { TasklogError } from "../../core/base/errors.ts";
import type { Completion } from "../../core/log/log-item.ts";
import { isPast } from "../../core/log/stamps.ts";
import type { MonitoredContainer } from "../../core/worker/local/monitor-container.ts";
import { stylesOf } from "../client.ts";
import { loadSettings, type Settings } from "../config/settings.ts";
import type { Session } from "../framework/session.ts";
import { canReadKeys } from "../output/keys.ts";
import { printable } from "../output/printable.ts";
import { StatusLine } from "../output/status-line.ts";
import { exitCodeOf } from "../task/exit-code.ts";
import { formatBanner, formatCompletion } from "./banner.ts";
import type { MonitorArgs } from "./monitor-flags.ts";
import type { MonitorRange } from "./monitor-range.ts";
import { showContainer } from "./show-container.ts";
import { createTaskView } from "./show-task.ts";
import { watchKeys } from "./watch-keys.ts";

/** Gives the exit code. `noMaster` is told, with what is wrong here, when no container can be shown either. */
export async function monitorLocalContainers(
  session: Session,
  args: MonitorArgs,
  range: MonitorRange,
  noMaster: TasklogError,
): Promise<number> {
  const settings = loadSettings(session.env, args);
  const styles = stylesOf(settings, session);
  const { out } = session;
  const framed = out.isTTY && !args.json;
  using leaving = watchKeys(session, framed);
  const containers = await openContainers(settings, args, leaving.signal, noMaster);
  const names = containers.map(({ name }) => printable(name));
  const width = Math.max(...names.map((name) => Bun.stringWidth(name)));
  const several = containers.length > 1;
  if (framed) {
    const hint = canReadKeys() ? "Press any key to exit" : "";
    const banner = { taskIds: names, userId: settings.user.value, hint };
    await out.write(formatBanner(banner, styles.out, out.columns));
  }
  const statusLine = new StatusLine(session.err, styles.err);
  const views = containers.map(({ name }) =>
    createTaskView(session, styles, name, name, {
      timestamps: args.timestamps,
      json: args.json,
      raw: args.raw,
      statusLine,
      ...(several && { prefix: printable(name).padEnd(width) }),
      ...(framed && {
        showCompletion: (completion: Completion) =>
          out.write(formatCompletion(completion, styles.out, out.columns, several ? name : "")),
      }),
    }),
  );
  const these = several ? "these are the containers" : "this is the container";
  await views[0]?.notice(`no master answers; ${these} ${names.join(", ")} of the local engine`);
  const completions = await Promise.all(
    containers.map(async (container, index) => {
      const view = views[index] as (typeof views)[number];
      for (const notice of container.notices) await view.notice(`${container.name}: ${notice}`);
      return await showContainer(container, range, view, leaving.signal);
    }),
  );
  if (leaving.exitCode !== undefined) return leaving.exitCode;
  const codes = completions.map((completion) => (completion === undefined ? 0 : exitCodeOf(completion)));
  return args.follow ? (codes.find((code) => code !== 0) ?? 0) : 0;
}

async function openContainers(
  settings: Settings,
  args: MonitorArgs,
  signal: AbortSignal,
  noMaster: TasklogError,
): Promise<MonitoredContainer[]> {
  const sources = await import("../../core/worker/local/monitor-container.ts");
  try {
    const { value, origin } = settings["docker-host"];
    const { since } = args;
    return await sources.monitorContainers({
      names: args.TASK,
      tail: args.tail,
      since,
      follow: args.follow && !(args.until && isPast(args.until)),
      previous: args.previous,
      signal,
      ...(origin !== "default" && { host: value }),
    });
  } catch (thrown) {
    const { message } = TasklogError.from(thrown);
    throw new TasklogError("unavailable", `${noMaster.message}; and ${message}`, { cause: thrown });
  }
}
