// The URL that a task asks to have called when it is done: http or https, and no more than a URL. Whether its host may
// be called is for the caller to find out at the time, when the name has an address.
import { TasklogError } from "./errors.ts";

/** A webhook's URL, in characters. */
const webhookUrlMax = 2000;

/** @throws TasklogError "invalid" */
export function parseWebhookUrl(text: string): URL {
  const url = URL.parse(text);
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw invalid(
      `the webhook ${shown} is no URL of http or https; write it like https://ci.example/hooks/tasklog`,
    );
  }
  if (text.length > webhookUrlMax) {
    throw invalid(
      `the webhook ${shown} is ${text.length} characters long; at most ${webhookUrlMax} are taken`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid(`the webhook to ${url.host} has a password in it; calls are signed, leave it out`);
  }
  if (url.port === "0") throw invalid(`the webhook ${shown} has the port 0, where nobody listens`);
  url.hash = "";
  return url;
}

/** Returns what everybody may be shown of a webhook: its path and query are often its secret. */
export function redactedUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) return "…";
  return url.pathname === "/" && url.search === "" ? url.origin : `${url.origin}/…`;
}

function invalid(message: string): TasklogError {
  return new TasklogError("invalid", message);
}
