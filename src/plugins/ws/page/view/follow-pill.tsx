// Says how many lines have come since somebody scrolled away from the end, and goes back to it.
import { count } from "../model/format.ts";
import type { LogPane } from "../state/log-pane.ts";
import { Icon } from "./icons.tsx";

export function FollowPill({ pane }: { pane: LogPane }) {
  if (pane.following.value) return null;
  const fresh = Math.max(0, pane.log.end.value - pane.leftAt.value);
  const text =
    fresh === 0 || pane.merged ? "To the end" : `${count(fresh)} new ${fresh === 1 ? "line" : "lines"}`;
  const why = pane.paused.value ? "Paused while text is selected · " : "";
  return (
    <button type="button" class="pill" onClick={() => pane.followEnd()}>
      <Icon name="down" />
      {why}
      {text}
    </button>
  );
}
