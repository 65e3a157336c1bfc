// What the engine itself has of a container's output, for containers that did not come to their end.
import type { Counts } from "./printer.ts";
import type { Stage, StagedTask } from "./stage.ts";

export interface EngineLog {
  /** Whole lines of each stream. */
  counts: Counts;
  /** Their texts. */
  lines: ReadonlySet<string>;
  /** The last line of stdout has no newline. */
  endsTorn: boolean;
}

const headerBytes = 8;
const newline = 10;

/** Removes the container. */
export async function takeEngineLog({ t }: Stage, { id }: StagedTask): Promise<EngineLog> {
  const container = await t.containerOf(id);
  const unix = (t.env["DOCKER_HOST"] ?? "").replace("unix://", "");
  const answer = await fetch(`http://engine/containers/${container}/logs?stdout=1&stderr=1`, { unix });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const counts = { stdout: 0, stderr: 0 };
  const texts = { stdout: "", stderr: "" };
  for (let at = 0; at < bytes.length; ) {
    const end = at + headerBytes + bytes.readUInt32BE(at + 4);
    const stream = bytes[at] === 2 ? "stderr" : "stdout";
    if (bytes[end - 1] === newline) counts[stream]++;
    texts[stream] += bytes.toString("utf8", at + headerBytes, end);
    at = end;
  }
  await t.removeContainer(container);
  const endsTorn = texts.stdout !== "" && !texts.stdout.endsWith("\n");
  return { counts, lines: new Set(`${texts.stdout}\n${texts.stderr}`.split("\n")), endsTorn };
}
