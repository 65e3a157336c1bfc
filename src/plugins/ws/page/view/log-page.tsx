// One log, several side by side, or several merged, with the tasks beside them. A pane stays what it is while others come
// and go beside it.

import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { sleep } from "../../../../core/base/wait.ts";
import type { Task } from "../model/api-types.ts";
import { ApiError, getTask } from "../net/api.ts";
import { noteTask, tasks } from "../net/task-feed.ts";
import { go, route } from "../state/route.ts";
import { sideShown } from "../state/settings.ts";
import { LogPaneView } from "./log-pane-view.tsx";
import { SideList } from "./side-list.tsx";

/** The time before a task is asked for again whose worker is away, in ms. */
const askAgainMs = 1000;

export function LogPage({ ids }: { ids: readonly string[] }) {
  const merged = route.value.merged && ids.length > 1;
  return (
    <div class={sideShown.value ? "log-page with-side" : "log-page"}>
      {sideShown.value && <SideList />}
      <div class="panes">
        {merged ? <Pane key={ids.join()} refs={ids} /> : ids.map((id) => <Pane key={id} refs={[id]} />)}
      </div>
    </div>
  );
}

/** `refs` never change: another pane has another key. */
function Pane({ refs }: { refs: readonly string[] }) {
  const known = refs.map((ref) => useTask(ref));
  const failure = known.find(({ error }) => error !== "")?.error;
  const found = known.flatMap(({ task }) => (task === undefined ? [] : [task]));
  if (failure !== undefined) {
    return (
      <div class="empty">
        <p role="alert">{failure}</p>
        <p>
          <a href="/">All tasks</a>
        </p>
      </div>
    );
  }
  if (found.length < refs.length) return <p class="empty quiet">Loading …</p>;
  return <LogPaneView tasks={found} />;
}

/** Names are given to new tasks again; so the address is made to say the id, and a link to lines stays true. */
function sayItsId(ref: string, id: string): void {
  if (ref === id) return;
  const { ids } = route.peek();
  const to = { ...route.peek(), ids: ids.map((one) => (one === ref ? id : one)) };
  go(to, { replace: true, hash: location.hash });
}

/** The task of an id, a prefix or a name: from the feed, or asked for. Once known, it stays, even if the feed lets it go. */
function useTask(ref: string): { task: Task | undefined; error: string } {
  const asked = useSignal<Task | undefined>(undefined);
  const error = useSignal("");
  const told = useComputed(() => tasks.value.get(asked.value?.id ?? ref));
  const last = useRef<Task | undefined>(undefined);
  last.current = told.value ?? last.current ?? asked.value;
  useEffect(() => {
    if (tasks.peek().has(ref)) return;
    const gone = new AbortController();
    askFor(ref, gone.signal).then(
      (found) => {
        noteTask(found);
        asked.value = found;
        sayItsId(ref, found.id);
      },
      (thrown: unknown) => {
        if (!gone.signal.aborted) error.value = thrown instanceof Error ? thrown.message : String(thrown);
      },
    );
    return () => gone.abort();
  }, [ref]);
  return { task: last.current, error: error.value };
}

/** Asks again while nobody answers. */
async function askFor(ref: string, gone: AbortSignal): Promise<Task> {
  for (;;) {
    try {
      return await getTask(ref, gone);
    } catch (thrown) {
      if (!(thrown instanceof ApiError && thrown.code === "unavailable")) throw thrown;
      await sleep(askAgainMs);
    }
  }
}
