// The feed begins with the newest tasks. What somebody types is looked for among all others, too, by the server, and
// what it finds joins those that are known.
import { startTimer, type Timer } from "../../../../core/base/wait.ts";
import { findTasksWith } from "./api.ts";
import { noteTask } from "./task-feed.ts";

/** The pause after the last key, in ms. */
const restMs = 250;
const tasksMax = 200;

let resting: Timer | undefined;
let asking = new AbortController();

/** The longest word is looked for; which of those found fit all words is for the lists to say. */
export function lookForTasks(text: string): void {
  resting?.stop();
  asking.abort();
  const [word] = text.split(/\s+/).sort((a, b) => b.length - a.length);
  if (word === undefined || word === "") return;
  resting = startTimer(() => void look(word), restMs);
}

async function look(word: string): Promise<void> {
  asking = new AbortController();
  // Without an answer there is what is known.
  const found = await findTasksWith(word, tasksMax, asking.signal).catch(() => []);
  for (const task of found) noteTask(task);
}
