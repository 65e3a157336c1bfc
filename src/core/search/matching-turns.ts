// The time that matching may take of the event loop. All who look for patterns share one budget: together they work for
// at most `matchTurnMs`, then everybody else has the loop, then the one who has waited longest goes on. One line of a dear
// pattern can take longer than that, and then the others have the loop for as long as it did: a line on its way to a
// viewer takes several turns. So a thousand searches hold up a viewer for no longer than one does; they only take longer
// themselves.
import { matchTurnMs } from "../base/limits.ts";
import { nextTurn, startTimer } from "../base/wait.ts";

let endsMs = 0;
const waiting: Array<() => void> = [];
let isGranting = false;

/** Undefined while there is time left; else it resolves when the caller has its next turn. It is cheap to ask for each line. */
export function matchingTurn(): Promise<void> | undefined {
  if (performance.now() < endsMs) return undefined;
  const turn = new Promise<void>((resolve) => waiting.push(resolve));
  if (!isGranting) {
    isGranting = true;
    void nextTurn().then(grant);
  }
  return turn;
}

async function grant(): Promise<void> {
  endsMs = performance.now() + matchTurnMs;
  waiting.shift()?.();
  // Granted turns run as microtasks, so it is over in the next turn.
  await nextTurn();
  const overMs = performance.now() - endsMs;
  isGranting = waiting.length > 0;
  // This uses a timer instead of a microtask, so that what has come over the network meanwhile is read first.
  if (isGranting) startTimer(() => void grant(), Math.max(0, overMs));
}
