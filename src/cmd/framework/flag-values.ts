// Parsers of flag values: one for each kind of value. Each takes the text and the flag's name as it was written, and
// throws a usage error of one sentence that names the flag and shows a value that would do.

import { parseBytes } from "../../core/base/bytes.ts";
import { parseDuration } from "../../core/base/duration.ts";
import { TasklogError } from "../../core/base/errors.ts";
import { parseKeyValue } from "../../core/base/labels.ts";
import { momentExamples, parseMoment } from "../../core/base/moment.ts";
import type { Stamp } from "../../core/base/stamp.ts";
import { type Address, parseAddress } from "../../core/rpc/link/addresses.ts";

export type FlagParser<T> = (text: string, flag: string) => T;

/** `250ms`, `30s`, `1h30m`, `1.5h`, `2d`; a bare number is seconds. Gives milliseconds. */
export function duration(text: string, flag: string): number {
  const ms = toMs(text);
  if (ms === undefined)
    throw new TasklogError("usage", `${flag} takes a duration such as 30s, 5m or 1h30m, not "${text}"`);
  return ms;
}

/** A duration that something is repeated after: at least 100 ms. */
export function interval(text: string, flag: string): number {
  const ms = duration(text, flag);
  if (ms >= 100) return ms;
  throw new TasklogError("usage", `${flag} takes a duration of at least 100ms, not "${text}"`);
}

/** A moment, as `parseMoment` reads it. */
export function time(text: string, flag: string): Stamp {
  const moment = parseMoment(text);
  if (moment !== undefined) return moment;
  throw new TasklogError("usage", `${flag} takes a time such as ${momentExamples}, not "${text}"`);
}

/** A bare number is seconds. */
function toMs(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : parseDuration(text);
}

/** A size, as `parseBytes` reads it. Gives bytes. */
export function bytes(text: string, flag: string): number {
  const size = parseBytes(text);
  if (size !== undefined) return size;
  throw new TasklogError("usage", `${flag} takes a size such as 512m or 2g, not "${text}"`);
}

/** `https://ci.example` or `http://master:8080`: a scheme and a host, and nothing behind. No `*`: it would match nothing. */
export function origin(text: string, flag: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    !url.hostname.includes("*") &&
    text.toLowerCase().replace(/\/$/, "") === url.origin
  ) {
    return url.origin;
  }
  throw new TasklogError("usage", `${flag} takes an origin such as https://ci.example, not "${text}"`);
}

/** A whole number from `min` to `max`. */
export function count(min: number, max = Number.MAX_SAFE_INTEGER): FlagParser<number> {
  return (text, flag) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    const bound = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new TasklogError("usage", `${flag} takes a whole number ${bound}, not "${text}"`);
  };
}

/** A whole number from `min` on, or `all`. */
export function countOrAll(min: number): FlagParser<number | "all"> {
  const parse = count(min);
  return (text, flag) => {
    if (text === "all") return "all";
    if (/^\d+$/.test(text)) return parse(text, flag);
    throw new TasklogError("usage", `${flag} takes a whole number or "all", not "${text}"`);
  };
}

/** A number above zero, fractions too. */
export function positive(text: string, flag: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw new TasklogError("usage", `${flag} takes a number above 0, such as 0.5 or 2, not "${text}"`);
}

/** `HOST:PORT`. */
export const address: FlagParser<Address> = (text, flag) => parseAddress(text, flag);

/** `HOST:PORT`, or `none`, which gives undefined. */
export const addressOrNone: FlagParser<Address | undefined> = (text, flag) =>
  text === "none" ? undefined : parseAddress(text, flag);

/** `key=value`, or `key` alone, whose value is then empty. */
export function label(text: string, flag: string): readonly [key: string, value: string] {
  const { key, value = "" } = parseKeyValue(text);
  if (key === "" || /\s/.test(key)) {
    throw new TasklogError("usage", `${flag} takes key=value, not "${text}"`);
  }
  return [key, value];
}

/** `key=value`, `key!=value` or `name=WORKER`, as it stands: the master reads it. */
export function constraint(text: string, flag: string): string {
  if (/^[^=!\s]+!?=[^=\s][^\s]*$/.test(text)) return text;
  throw new TasklogError("usage", `${flag} takes key=value, key!=value or name=WORKER, not "${text}"`);
}

/** A list in one value, `a,b`; empty parts are dropped. */
export const commaList: FlagParser<string[]> = (text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** Parses one word of a closed set, or several separated by commas. */
export function wordsOf<const W extends string>(words: readonly W[]): FlagParser<W[]> {
  return (text, flag) =>
    commaList(text, flag).map((word) => {
      const known = words.find((candidate) => candidate === word);
      if (known !== undefined) return known;
      throw new TasklogError(
        "usage",
        `${flag} takes ${words.slice(0, -1).join(", ")} or ${words.at(-1)}, not "${word}"`,
      );
    });
}

export interface PluginOption {
  readonly plugin: string;
  readonly key: string;
  readonly value: string;
}

/** `webhook.lines=50`: an option of a plugin. */
export const pluginOption: FlagParser<PluginOption> = (text, flag) => {
  const [, plugin, key, value] = /^([a-z][a-z0-9-]*)\.([^=.\s]+)=(.*)$/s.exec(text) ?? [];
  if (plugin !== undefined && key !== undefined && value !== undefined) return { plugin, key, value };
  throw new TasklogError("usage", `${flag} takes NAME.KEY=VALUE, such as cli.tail=100, not "${text}"`);
};
