// Shows the notice, and reads it out.
import { notice } from "../state/notice.ts";

export function Notice() {
  const shown = notice.value;
  return (
    <div class="notice-place" role="status" aria-live="polite">
      {shown !== undefined && <div class={shown.bad ? "notice bad" : "notice"}>{shown.text}</div>}
    </div>
  );
}
