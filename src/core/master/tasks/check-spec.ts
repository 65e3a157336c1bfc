// Checks the specification of a submitted task: each fault gets one sentence, before anything is stored. What only
// the engine can know (does the image exist, is the volume's path there) is the runtime's to say.
import { formatBytes, formatBytesUp } from "../../base/bytes.ts";
import { TasklogError } from "../../base/errors.ts";
import { parseKeyValue } from "../../base/labels.ts";
import { specBytesMax, webhooksMax } from "../../base/limits.ts";
import { parseWebhookUrl } from "../../base/webhook-url.ts";
import { type DeepPartial, TaskSpec } from "../../rpc/gen/tasklog/v1/task.ts";
import { parseConstraint } from "./constraints.ts";
import { isTaskId } from "./task-ids.ts";

/**
 * The largest text of a task's specification (an argument, a variable), in characters, and how many of a kind there
 * may be.
 */
const specTextMax = 128 * 1024;
const specItemsMax = 10_000;
/** The largest argument or variable that Linux starts a program with, in bytes without the NUL behind it (MAX_ARG_STRLEN). */
const argumentBytesMax = 128 * 1024 - 1;

/** The engine refuses less (6 MiB, engine 20.10). */
const memoryBytesMin = 6 * 1024 * 1024;
/** The kernel refuses a share of less than 1 ms in 100 ms. */
const cpusMin = 0.01;
/** The kernel counts a terminal's rows and columns in 16 bits. */
const terminalCellsMax = 65_535;
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

/**
 * The specification that code in this process asks for, as it would have come from a client: a task that cannot be sent, as one with half
 * a millisecond, would make every list that it stands in unreadable.
 * @throws TasklogError "invalid"
 */
export function toTaskSpec(asked: DeepPartial<TaskSpec>): TaskSpec {
  try {
    return TaskSpec.decode(TaskSpec.encode(TaskSpec.fromPartial(asked)).finish());
  } catch (error) {
    const { message } = TasklogError.from(error);
    throw new TasklogError("invalid", `the task's specification cannot be read: ${message}`, {
      cause: error,
    });
  }
}

/** @throws TasklogError "invalid" */
export function validateSpec(spec: TaskSpec): void {
  validateSize(spec);
  validateTexts(spec);
  validateNames(spec);
  validateLimits(spec);
  validateRuntime(spec);
  validateArguments(spec);
  validateTerminal(spec);
  for (const constraint of spec.constraints) parseConstraint(constraint);
  for (const volume of spec.volumes) {
    if (!volume.includes(":") && !volume.startsWith("/")) {
      throw invalid(`the volume ${quoted(volume)} cannot be read; write /host/path:/path/in/container`);
    }
  }
  for (const variable of spec.env) {
    // KEY alone takes a variable out of the image's own.
    if (parseKeyValue(variable).key === "") {
      throw invalid(`the variable ${quoted(variable)} has no name; write KEY=VALUE`);
    }
  }
  if (spec.webhooks.length > webhooksMax) {
    throw invalid(`the task asks for ${spec.webhooks.length} webhooks; at most ${webhooksMax} are taken`);
  }
  for (const url of spec.webhooks) parseWebhookUrl(url);
}

/**
 * Checks that a task which asks for webhooks meets a master that calls them. `plugins` are those that work there.
 * @throws TasklogError "invalid"
 */
export function requireCaller(
  { webhooks }: { webhooks: readonly string[] },
  plugins: readonly string[],
): void {
  if (webhooks.length === 0 || plugins.includes("webhook")) return;
  throw invalid("the task asks for webhooks, but this master calls none: start it with --plugins webhook");
}

function validateNames({ name, labels }: TaskSpec): void {
  if (name !== "" && !namePattern.test(name)) {
    throw invalid(
      `the name ${quoted(name)} cannot be used; take up to 63 letters, digits, '_', '.' and '-', beginning with a letter or digit`,
    );
  }
  if (isTaskId(name)) throw invalid(`the name ${name} looks like the id of a task; choose another`);
  for (const key of Object.keys(labels)) {
    if (key === "" || /[\s=]/.test(key))
      throw invalid(`the label ${quoted(key)} cannot be read; write key=value`);
    if (key.startsWith("dev.tasklog.")) {
      throw invalid(
        `the label ${key} cannot be set: dev.tasklog.* is what tasklog marks its containers with`,
      );
    }
  }
}

function validateLimits({ cpus, memoryBytes }: TaskSpec): void {
  if (!Number.isFinite(cpus) || cpus < 0) {
    throw invalid(`${cpus} is no number of CPUs; give one above 0, e.g. 1.5, or leave it out for no limit`);
  }
  if (cpus > 0 && cpus < cpusMin) {
    throw invalid(`${cpus} CPUs are too few for a container; give at least ${cpusMin}`);
  }
  if (memoryBytes > 0 && memoryBytes < memoryBytesMin) {
    throw invalid(`${memoryBytes} bytes of memory are too few for a container; give at least 6m`);
  }
}

function validateRuntime({ image, command, pull, runtime }: TaskSpec): void {
  if (!["", "docker", "process"].includes(runtime)) {
    throw invalid(`there is no runtime ${quoted(runtime)}; there are docker and process`);
  }
  if (!["", "always", "missing", "never"].includes(pull)) {
    throw invalid(`pull cannot be ${quoted(pull)}; it takes always, missing or never`);
  }
  if (/\s/.test(image)) throw invalid(`the image ${quoted(image)} has white space in it`);
  if (image !== "" && image.split("/").includes("")) {
    throw invalid(
      `the image ${quoted(image)} has an empty part before, between or behind its slashes; write it as registry/name:tag`,
    );
  }
  if (runtime === "docker" && image === "")
    throw invalid("the task names no image; the docker runtime needs one");
  if (image === "" && command.length === 0) throw invalid("the task has neither an image nor a command");
  if (runtime === "process" && command.length === 0) {
    throw invalid("the task has no command; the process runtime needs one");
  }
}

function validateSize(spec: TaskSpec): void {
  const bytes = Buffer.byteLength(JSON.stringify(spec));
  if (bytes <= specBytesMax) return;
  throw invalid(
    `the task's specification has ${formatBytesUp(bytes)}; at most ${formatBytes(specBytesMax)} are taken: put what is large into the image or a volume`,
  );
}

function validateTerminal({ terminalRows, terminalColumns }: TaskSpec): void {
  if (Math.max(terminalRows, terminalColumns) <= terminalCellsMax) return;
  throw invalid(
    `a terminal of ${terminalColumns} columns and ${terminalRows} rows is too large; each is at most ${terminalCellsMax}`,
  );
}

/** Checks what the kernel would refuse to start a program with, and nobody could tell of which variable. */
function validateArguments({ env, command, entrypoint }: TaskSpec): void {
  for (const variable of env) {
    const bytes = Buffer.byteLength(variable);
    if (bytes <= argumentBytesMax) continue;
    throw invalid(
      `the variable ${quoted(parseKeyValue(variable).key)} has ${bytes} bytes with its name and "="; the kernel takes at most ${argumentBytesMax}: put the value into a file or a volume`,
    );
  }
  for (const [index, word] of [...entrypoint, ...command].entries()) {
    const bytes = Buffer.byteLength(word);
    if (bytes <= argumentBytesMax) continue;
    throw invalid(
      `word ${index + 1} of the command has ${bytes} bytes; the kernel takes at most ${argumentBytesMax}: put it into a file or a volume`,
    );
  }
}

/** Checks that no text is too long or holds a NUL, which ends an argument for the kernel. */
function validateTexts(spec: TaskSpec): void {
  for (const [field, value] of Object.entries(spec)) {
    const texts = textsOf(value);
    if (texts.length > specItemsMax) {
      throw invalid(`the task's ${field} has ${texts.length} entries; at most ${specItemsMax} are taken`);
    }
    for (const text of texts) {
      if (text.includes("\0")) throw invalid(`the task's ${field} has a NUL byte in it`);
      if (text.length > specTextMax) {
        throw invalid(
          `the task's ${field} has a text of ${text.length} characters; at most ${specTextMax} are taken`,
        );
      }
    }
  }
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.filter((text) => typeof text === "string");
  if (typeof value === "object" && value !== null) return Object.entries(value).flat() as string[];
  return [];
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function invalid(message: string): TasklogError {
  return new TasklogError("invalid", message);
}
