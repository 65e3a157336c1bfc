// The frame around everything: the bar on top, the page below it, what lies over both.
import { computed, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { titleOf } from "../model/task-query.ts";
import { feedUp, tasks, workers } from "../net/task-feed.ts";
import { follow, route } from "../state/route.ts";
import { theme } from "../state/settings.ts";
import { IconButton } from "./button.tsx";
import { HelpDialog, openHelp } from "./help-dialog.tsx";
import { startKeys } from "./keys.ts";
import { LogPage } from "./log-page.tsx";
import { Notice } from "./notice.tsx";
import { openPalette, Palette } from "./palette.tsx";
import { TasksPage } from "./tasks-page.tsx";

const nextTheme = { auto: "light", light: "dark", dark: "auto" } as const;
const themeIcon = { auto: "auto", light: "sun", dark: "moon" } as const;

export function App() {
  useEffect(startKeys, []);
  useSignalEffect(() => {
    const shown = route.value.ids.map(nameOf).join(", ");
    document.title = shown === "" ? "tasklog" : `${shown} · tasklog`;
  });
  const { ids } = route.value;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="/" onClick={(event) => follow(event, {})}>
          <img src="/assets/icon.svg" alt="" width="20" height="20" />
          tasklog
        </a>
        <Connection />
        <span class="spring" />
        <IconButton
          icon="search"
          text="Go to …"
          label="Go to a task or do something"
          hotkey="Control+K"
          onClick={() => openPalette()}
        />
        <IconButton
          icon={themeIcon[theme.value]}
          label={`Colours: ${theme.value}. Change`}
          onClick={() => {
            theme.value = nextTheme[theme.value];
          }}
        />
        <IconButton icon="help" label="Keyboard and help" hotkey="?" onClick={openHelp} />
      </header>
      <main id="main" class={ids.length === 0 ? "main" : "main main-log"} tabIndex={-1}>
        {ids.length === 0 ? <TasksPage /> : <LogPage ids={ids} />}
      </main>
      <Palette />
      <HelpDialog />
      <Notice />
    </>
  );
}

function nameOf(id: string): string {
  const task = tasks.value.get(id);
  return task === undefined ? id : titleOf(task);
}

/** Workers tell of themselves when they come and go; what they carry at the moment is what the tasks say. */
const load = computed(() => {
  const running = new Map<string, number>();
  for (const { status, worker } of tasks.value.values()) {
    if (status === "starting" || status === "running") running.set(worker, (running.get(worker) ?? 0) + 1);
  }
  return [...workers.value.values()]
    .filter(({ connected }) => connected)
    .map(({ name, slots }) => ({ name, slots, running: running.get(name) ?? 0 }));
});

function Connection() {
  const connected = load.value;
  const slots = connected.reduce((sum, worker) => sum + worker.slots, 0);
  const running = connected.reduce((sum, worker) => sum + worker.running, 0);
  const names = connected.map((worker) => `${worker.name} ${worker.running}/${worker.slots}`).join(", ");
  if (feedUp.value === undefined) return <span class="connection">connecting …</span>;
  if (!feedUp.value) {
    return (
      <span class="connection away" role="status">
        connection lost, trying again …
      </span>
    );
  }
  return (
    <span class="connection" title={names}>
      <span class={connected.length > 0 ? "dot up" : "dot"} aria-hidden="true" />
      <span>
        {connected.length === 0
          ? "no worker"
          : `${connected.length} ${connected.length === 1 ? "worker" : "workers"}`}
        <span class="wide-only">{connected.length > 0 && `, ${running} of ${slots} slots in use`}</span>
      </span>
    </span>
  );
}
