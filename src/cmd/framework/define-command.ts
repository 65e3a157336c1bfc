// A command is a citty definition and nothing else: its `args` are what is parsed, what help shows and what the
// handler gets, typed. On top of citty's fields: a flag may say how its text is read (`parse`), that it may be
// given several times (`multiple`) and under which heading help shows it (`group`); a command has examples.
// Deliberately not used of citty: its parser and its runner, which let unknown flags and bad values pass.
import { type ArgDef, type ArgsDef, type CommandDef, type CommandMeta, defineCommand as define } from "citty";
import type { FlagParser } from "./flag-values.ts";
import type { Session } from "./session.ts";

export type Flag = ArgDef & {
  readonly parse?: FlagParser<unknown>;
  readonly multiple?: boolean;
  readonly group?: string;
};
export type Flags = Readonly<Record<string, Flag>>;

type One<F> = F extends { type: "boolean" }
  ? boolean
  : F extends { parse: (text: string, flag: string) => infer T }
    ? T
    : F extends { type: "enum"; options: readonly (infer O)[] }
      ? O
      : string;

/**
 * The values that a handler gets for its definitions: a missing flag without a default is undefined, a list is empty.
 */
export type Values<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends { multiple: true }
    ? One<F[K]>[]
    : F[K] extends { type: "boolean" } | { default: string } | { required: true }
      ? One<F[K]>
      : One<F[K]> | undefined;
};

export interface Invocation<F extends Flags = Flags> {
  readonly args: Values<F>;
  /** The arguments behind `--`, or, with `flagsStopAtFirst`, behind the first positional. */
  readonly rest: readonly string[];
  /** Names of the flags that were really given. */
  readonly given: ReadonlySet<string>;
  readonly session: Session;
}

interface Example {
  readonly command: string;
  readonly what: string;
}

interface Extras {
  readonly examples: readonly Example[];
  /** Paragraphs below the flags: exit codes, keys. */
  readonly notes?: readonly string[];
  /** Like docker run: what follows the first positional is not parsed. */
  readonly flagsStopAtFirst?: boolean;
  /** The name of what follows `--`, for the usage line; without it nothing may. */
  readonly restName?: string;
}

export type Command = CommandDef &
  Extras & {
    readonly meta: CommandMeta;
    readonly args: Flags;
    readonly invoke: (invocation: Invocation) => Promise<number>;
  };

/** One row of the table of commands. The command's own file is loaded when it is asked for and not before. */
export interface CommandEntry {
  readonly name: string;
  readonly alias?: string;
  /** The heading under which `tasklog --help` shows it. */
  readonly group: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** All commands there are, and what may stand before one (`root`, whose `run` is never called). */
export interface CommandTable {
  readonly root: Command;
  readonly commands: readonly CommandEntry[];
}

/** `run` gives the exit code. */
export function defineCommand<const F extends Flags>(
  definition: Extras & {
    readonly meta: CommandMeta & { readonly name: string; readonly description: string };
    readonly args: F;
    readonly run: (invocation: Invocation<F>) => Promise<number>;
  },
): Command {
  const { meta, args, run, ...extras } = definition;
  const citty = define({ meta, args: args as unknown as ArgsDef });
  return { ...citty, ...extras, meta, args, invoke: run as Command["invoke"] };
}
