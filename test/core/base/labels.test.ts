// Texts of the form key=value, and what they are compared with.
import { expect, test } from "bun:test";
import { hasLabel, hasLabels, parseKeyValue } from "../../../src/core/base/labels.ts";

/** Text, key, value. */
const texts: [string, string, string | undefined][] = [
  ["stage=prod", "stage", "prod"],
  ["stage", "stage", undefined],
  ["stage=", "stage", ""],
  ["=prod", "", "prod"],
  ["=", "", ""],
  ["", "", undefined],
  ["query=a=b&c=d", "query", "a=b&c=d"],
  ["padding===", "padding", "=="],
  [" key = value ", " key ", " value "],
  ["text=two\nlines", "text", "two\nlines"],
  ["größe=1 µm", "größe", "1 µm"],
];

test.each(texts)("%j is taken apart at its first =", (text, key, value) => {
  expect(parseKeyValue(text)).toEqual({ key, value });
});

const labels = { stage: "prod", empty: "", query: "a=b" };

/** What is wanted, and if it is there. */
const wanted: [string, boolean][] = [
  ["stage", true],
  ["stage=prod", true],
  ["stage=", false],
  ["stage=prod=1", false],
  ["Stage", false],
  ["empty", true],
  ["empty=", true],
  ["query=a=b", true],
  ["query=a", false],
  ["", false],
  ["=prod", false],
  ["toString", false],
  ["missing=", false],
];

test.each(wanted)("a label %j is there: %p", (label, isThere) => {
  expect(hasLabel(labels, label)).toBe(isThere);
});

test("all labels that are wanted have to be there", () => {
  expect(hasLabels(labels, [])).toBe(true);
  expect(hasLabels(labels, ["stage=prod", "empty"])).toBe(true);
  expect(hasLabels(labels, ["stage=prod", "missing"])).toBe(false);
});
