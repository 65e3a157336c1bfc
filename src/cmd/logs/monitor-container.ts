// `tasklog monitor CONTAINER` where no master runs.
import { TasklogError } from "../../core/errors.ts";
import type { Completion } from "../../core/log/log-item.ts";
import { isPast } from "../../core/log/stamps.ts";
import type { MonitoredContainer } from "../../core/worker/sources/monitor-container.ts";
import { stylesOf } from "../client.ts";
import { loadSettings, type Settings } from "../config/settings.ts";
import type { Session } from "../framework/session.ts";
import type { MonitorArgs } from "../monitor.ts";
import { canReadKeys } from "../output/keys.ts";
import { exitCodeOf } from "../task/exit-code.ts";
import { formatBanner, formatCompletion } from "./banner.ts";
import type { LogRange } from "./log-range.ts";
import { showContainer } from "./show-container.ts";
import { createTaskView } from "./show-task.ts";
import { watchKeys } from "./watch-keys.ts";

/** Gives the exit code. `noMaster` is what is thrown when there is no such container either. */
export async function monitorContainer(
  session: Session,
  args: MonitorArgs,
  range: LogRange,
  nameOrId: string,
  noMaster: TasklogError,
): Promise<number> {
  const settings = loadSettings(session.env, args);
  const styles = stylesOf(settings, session);
  const { out } = session;
  const framed = out.isTTY && !args.json;
  using leaving = watchKeys(session, framed);
  const container = await openContainer(settings, args, nameOrId, leaving.signal, noMaster);
  if (framed) {
    const hint = canReadKeys() ? "Press any key to exit" : "";
    const banner = { taskIds: [container.name], userId: settings.user.value, hint };
    await out.write(formatBanner(banner, styles.out, out.columns));
  }
  const view = createTaskView(session, styles, container.name, container.name, {
    timestamps: args.timestamps,
    json: args.json,
    ...(framed && {
      showCompletion: (completion: Completion) =>
        out.write(formatCompletion(completion, styles.out, out.columns)),
    }),
  });
  await view.notice(`no master answers; this is the container ${container.name} of the local engine`);
  const completion = await showContainer(container, range, view, leaving.signal);
  if (leaving.exitCode !== undefined) return leaving.exitCode;
  return completion === undefined || !args.follow ? 0 : exitCodeOf(completion);
}

async function openContainer(
  settings: Settings,
  args: MonitorArgs,
  nameOrId: string,
  signal: AbortSignal,
  noMaster: TasklogError,
): Promise<MonitoredContainer> {
  const sources = await import("../../core/worker/sources/monitor-container.ts");
  try {
    const { value, origin } = settings["docker-host"];
    return await sources.monitorContainer({
      nameOrId,
      tail: args.since === undefined ? args.tail : "all",
      follow: args.follow && !(args.until && isPast(args.until)),
      signal,
      ...(origin !== "default" && { host: value }),
    });
  } catch (thrown) {
    const { code, message } = TasklogError.from(thrown);
    if (code !== "not_found") throw noMaster;
    throw new TasklogError("unavailable", `${noMaster.message}; and ${message}`, { cause: thrown });
  }
}
