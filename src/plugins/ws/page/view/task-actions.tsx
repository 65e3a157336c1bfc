// The actions for a task: end it while it runs, run it again afterwards.
import { isFinal, type Task } from "../model/api-types.ts";
import { titleOf } from "../model/task-query.ts";
import { cancelTask, runAgain } from "../net/api.ts";
import { noteTask } from "../net/task-feed.ts";
import { orSay, say } from "../state/notice.ts";
import { go } from "../state/route.ts";
import { IconButton } from "./button.tsx";

export async function cancel(task: Task): Promise<void> {
  const answer = await orSay(cancelTask(task.id, false));
  if (answer === undefined) return;
  noteTask(answer);
  say(`${titleOf(task)} is being cancelled.`);
}

export async function again(task: Task): Promise<void> {
  const answer = await orSay(runAgain(task.id));
  if (answer === undefined) return;
  noteTask(answer);
  go({ ids: [answer.id] });
  say(`${titleOf(answer)} was started as a new task.`);
}

/** True if tasklog started the task: what somebody else started is ended and started again by them. */
export function isOurs(task: Task): boolean {
  return !task.adopted;
}

export function TaskActions({ task, text = false }: { task: Task; text?: boolean }) {
  if (!isOurs(task)) return null;
  const title = titleOf(task);
  if (isFinal(task.status)) {
    return (
      <IconButton
        icon="again"
        label={`Run again: ${title}`}
        onClick={() => void again(task)}
        {...(text ? { text: "Run again" } : {})}
      />
    );
  }
  return (
    <IconButton
      icon="stop"
      tone="danger"
      label={`Cancel ${title}`}
      onClick={() => void cancel(task)}
      {...(text ? { text: "Cancel" } : {})}
    />
  );
}
