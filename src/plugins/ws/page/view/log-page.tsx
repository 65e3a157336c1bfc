// One log, several side by side, or several merged, with the tasks beside them.
import { useEffect, useState } from "preact/hooks";
import type { Task } from "../model/api-types.ts";
import { getTask } from "../net/api.ts";
import { noteTask, tasks } from "../net/task-feed.ts";
import { go, route } from "../state/route.ts";
import { sideShown } from "../state/settings.ts";
import { LogPaneView } from "./log-pane-view.tsx";
import { SideList } from "./side-list.tsx";

export function LogPage({ ids }: { ids: readonly string[] }) {
  const { merged } = route.value;
  const known = ids.map((id) => useTask(id));
  const failed = known.find(({ error }) => error !== "")?.error;
  const found = known.flatMap(({ task }) => (task === undefined ? [] : [task]));
  return (
    <div class={sideShown.value ? "log-page with-side" : "log-page"}>
      {sideShown.value && <SideList />}
      <div class="panes">
        {failed !== undefined && (
          <div class="empty">
            <p role="alert">{failed}</p>
            <p>
              <a href="/">All tasks</a>
            </p>
          </div>
        )}
        {failed === undefined && found.length < ids.length && <p class="empty quiet">Loading …</p>}
        {failed === undefined &&
          found.length === ids.length &&
          (merged && found.length > 1 ? (
            <LogPaneView key="merged" tasks={found} />
          ) : (
            found.map((task) => <LogPaneView key={task.id} tasks={[task]} />)
          ))}
      </div>
    </div>
  );
}

/** Names are given to new tasks again; so the address is made to say the id, and a link to lines stays true. */
function sayItsId(ref: string, id: string): void {
  if (ref === id) return;
  const { ids } = route.peek();
  const to = { ...route.peek(), ids: ids.map((one) => (one === ref ? id : one)) };
  go(to, { replace: true, hash: location.hash });
}

/** The task of an id, a prefix or a name: from the feed, or asked for. */
function useTask(ref: string): { task: Task | undefined; error: string } {
  const [id, setId] = useState(ref);
  const [error, setError] = useState("");
  const task = tasks.value.get(id);
  useEffect(() => {
    if (tasks.peek().has(ref)) return;
    const gone = new AbortController();
    getTask(ref, gone.signal).then(
      (found) => {
        noteTask(found);
        setId(found.id);
        sayItsId(ref, found.id);
      },
      (thrown: unknown) => {
        if (!gone.signal.aborted) setError(thrown instanceof Error ? thrown.message : String(thrown));
      },
    );
    return () => gone.abort();
  }, [ref]);
  return { task, error };
}
