// The tasks beside a log: one line each, for going from one to the next.
import { ago, count } from "../model/format.ts";
import { findTasks, titleOf } from "../model/task-query.ts";
import { tasks } from "../net/task-feed.ts";
import { now } from "../state/clock.ts";
import { follow, go, route, toPath } from "../state/route.ts";
import { IconButton } from "./button.tsx";
import { StatusMark } from "./status-mark.tsx";
import { statusChoice, TaskSearch, taskText } from "./task-search.tsx";

/** The most tasks in the list at the side: it is drawn as a whole. */
const shownMax = 300;

export function SideList() {
  const found = findTasks(tasks.value.values(), { text: taskText.value, status: statusChoice.value });
  const { ids } = route.value;
  return (
    <nav class="side" aria-label="Tasks">
      <div class="side-bar">
        <TaskSearch />
      </div>
      <ul class="side-tasks">
        {found.slice(0, shownMax).map((task) => {
          const open = ids.includes(task.id);
          return (
            <li key={task.id} class={open ? "open" : ""}>
              <a
                href={toPath({ ids: [task.id] })}
                aria-current={open ? "page" : undefined}
                onClick={(event) => follow(event, { ids: [task.id] })}
              >
                <StatusMark status={task.status} word={false} />
                <span class="side-title">{titleOf(task)}</span>
                <span class="side-age">{ago(task.createdMs, now.value)}</span>
              </a>
              {!open && (
                <IconButton
                  icon="columns"
                  label={`Show ${titleOf(task)} beside`}
                  onClick={() => go({ ...route.value, ids: [...ids, task.id] })}
                />
              )}
            </li>
          );
        })}
      </ul>
      {found.length > shownMax && (
        <p class="muted side-more">{count(found.length - shownMax)} more: search for them.</p>
      )}
    </nav>
  );
}
