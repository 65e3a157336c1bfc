// The commands of the palette: the tasks, and what buttons do.
import { isFinal } from "../model/api-types.ts";
import { ago } from "../model/format.ts";
import { findTasks, titleOf } from "../model/task-query.ts";
import { tasks } from "../net/task-feed.ts";
import { copy } from "../state/notice.ts";
import { panes } from "../state/panes.ts";
import { go, route } from "../state/route.ts";
import { foldTraces, theme, timeMode, unfoldJson, wrap } from "../state/settings.ts";
import { openHelp } from "./help-dialog.tsx";
import { again, cancel, isOurs } from "./task-actions.tsx";

export type PaletteMode = "go" | "add";

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  run(): void;
}

/** The most tasks in the list of commands: who wants another one types its name. */
const tasksMax = 50;

export function commandsFor(mode: PaletteMode, text: string): Command[] {
  const { ids } = route.value;
  const found = findTasks(tasks.value.values(), { text, status: "all" })
    .filter(({ id }) => mode === "go" || !ids.includes(id))
    .slice(0, tasksMax)
    .map((task) => ({
      id: task.id,
      title: titleOf(task),
      hint: `${task.status} · ${task.image} · ${ago(task.createdMs, Date.now())}`,
      run: () =>
        go(mode === "add" ? { ...route.peek(), ids: [...route.peek().ids, task.id] } : { ids: [task.id] }),
    }));
  if (mode === "add") return found;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ title }: Command) => words.every((word) => title.toLowerCase().includes(word));
  const others = [...pageCommands(), ...logCommands()].filter(fits);
  return words.length === 0 ? [...found.slice(0, 6), ...others, ...found.slice(6)] : [...found, ...others];
}

function pageCommands(): Command[] {
  const colours = (["auto", "light", "dark"] as const).filter((name) => name !== theme.peek());
  return [
    { id: "tasks", title: "All tasks", hint: "page", run: () => go({}) },
    ...colours.map((name) => ({
      id: `theme-${name}`,
      title: `Colours: ${name}`,
      hint: "look",
      run: () => {
        theme.value = name;
      },
    })),
    { id: "help", title: "Keyboard and help", hint: "?", run: openHelp },
  ];
}

function logCommands(): Command[] {
  const pane = panes.active;
  if (pane === undefined) return [];
  const task = tasks.peek().get(pane.log.taskId);
  const flip = (id: string, title: string, state: { value: boolean }): Command => ({
    id,
    title: `${title}: ${state.value ? "off" : "on"}`,
    hint: "look",
    run: () => {
      state.value = !state.value;
    },
  });
  const made: Command[] = [
    { id: "follow", title: "Follow the end", hint: "f", run: () => pane.followEnd() },
    { id: "start", title: "To the beginning of the log", hint: "g", run: () => pane.toStart() },
    flip("wrap", "Wrap long lines", wrap),
    flip("json", "Unfold JSON lines", unfoldJson),
    flip("traces", "Fold stack traces", foldTraces),
    ...(["absolute", "relative", "none"] as const).map((mode) => ({
      id: `time-${mode}`,
      title: `Timestamps: ${mode}`,
      hint: "look",
      run: () => {
        timeMode.value = mode;
      },
    })),
    { id: "link", title: "Copy link", hint: "log", run: () => void copy(location.href, "The link was") },
  ];
  if (task === undefined || !isOurs(task)) return made;
  if (isFinal(task.status)) {
    made.push({
      id: "again",
      title: `Run ${titleOf(task)} again`,
      hint: "task",
      run: () => void again(task),
    });
  } else {
    made.push({ id: "cancel", title: `Cancel ${titleOf(task)}`, hint: "task", run: () => void cancel(task) });
  }
  return made;
}
