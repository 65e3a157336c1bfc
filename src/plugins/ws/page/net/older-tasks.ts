// The feed begins with the newest tasks. What somebody types is looked for among all others, too, by the server, and
// what it finds joins those that are known.
import { findTasksWith } from "./api.ts";
import { noteTask } from "./task-feed.ts";

/** After the last key, in ms. */
const restMs = 250;
const tasksMax = 200;

let resting: ReturnType<typeof setTimeout> | undefined;
let asking = new AbortController();

/** The longest word is looked for; which of those found fit all words is for the lists to say. */
export function lookForTasks(text: string): void {
  clearTimeout(resting);
  asking.abort();
  const [word] = text.split(/\s+/).sort((a, b) => b.length - a.length);
  if (word === undefined || word === "") return;
  resting = setTimeout(async () => {
    asking = new AbortController();
    // Without an answer there is what is known.
    const found = await findTasksWith(word, tasksMax, asking.signal).catch(() => []);
    for (const task of found) noteTask(task);
  }, restMs);
}
