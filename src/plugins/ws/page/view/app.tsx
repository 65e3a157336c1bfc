// The frame around everything: the bar on top, the page below it, what lies over both.
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
  const { ids } = route.value;
  const shown = ids.map((id) => {
    const task = tasks.value.get(id);
    return task === undefined ? id : titleOf(task);
  });
  useEffect(() => {
    document.title = shown.length === 0 ? "tasklog" : `${shown.join(", ")} · tasklog`;
  }, [shown.join()]);
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
        {ids.length === 0 ? <TasksPage /> : <LogPage key={`${ids.join()}${route.value.merged}`} ids={ids} />}
      </main>
      <Palette />
      <HelpDialog />
      <Notice />
    </>
  );
}

function Connection() {
  const connected = [...workers.value.values()].filter((worker) => worker.connected);
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
