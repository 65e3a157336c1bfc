// From a command's flags to a master that is spoken to, and to the styles of both ends.
import { TasklogError } from "../core/base/errors.ts";
import { type Address, formatAddress, parseAddress } from "../core/rpc/link/addresses.ts";
import type { MasterClient } from "../core/rpc/master-client.ts";
import { colorFor, loadSettings, type Settings } from "./config/settings.ts";
import type { Session } from "./framework/session.ts";
import { createStyle, type Style } from "./output/style.ts";

export interface Styles {
  readonly out: Style;
  readonly err: Style;
}

export function stylesOf(settings: Settings, session: Session): Styles {
  return {
    out: createStyle(colorFor(settings, session.env, session.out.isTTY)),
    err: createStyle(colorFor(settings, session.env, session.err.isTTY)),
  };
}

export interface MasterContext {
  readonly client: MasterClient;
  readonly settings: Settings;
  readonly styles: Styles;
}

/** Calls `use` with a client, which is closed afterwards. That nobody answers is told in words that help. */
export async function withMaster<T>(
  { args, session }: { args: Readonly<Record<string, unknown>>; session: Session },
  use: (context: MasterContext) => Promise<T>,
): Promise<T> {
  const settings = loadSettings(session.env, args);
  const address = parseAddress(settings.master.value, settings.master.origin);
  const { connectMaster } = await import("../core/rpc/master-client.ts");
  using client = connectMaster(address, { userId: settings.user.value });
  try {
    return await use({ client, settings, styles: stylesOf(settings, session) });
  } catch (error) {
    throw isNobodyThere(error) ? nobodyThere(address, error) : error;
  }
}

/** True if the connection was refused: nothing listens at the address. */
export function isNobodyThere(error: unknown): error is TasklogError {
  if (!(error instanceof TasklogError) || error.code !== "unavailable") return false;
  const { cause } = error;
  return isNobodyThere(cause) || (cause instanceof Error && cause.message.includes("ECONNREFUSED"));
}

function nobodyThere(address: Address, cause: unknown): TasklogError {
  return new TasklogError(
    "unavailable",
    `no master answers at ${formatAddress(address)}: start one with \`tasklog up\`, or name one with --master`,
    { cause },
  );
}
