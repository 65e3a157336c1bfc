// Which log files are Docker's, damaged or not, and which are in another form.
import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isUnknown } from "../../../../src/core/engine/files/log-files.ts";
import { createJsonFormat } from "../../../../src/core/engine/records/json-format.ts";
import { createLocalFormat } from "../../../../src/core/engine/records/local-format.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";

const cri = "2026-11-29T10:00:00.000000001+00:00 stdout F line\n";
const record = '{"log":"line\\n","stream":"stdout","time":"2026-11-29T10:00:00.000000001Z"}\n';
const garbage = "\x01\x02\x03 nothing that anybody wrote\n";

test.each([
  ["podman's CRI form", cri, true],
  ["garbage", garbage, true],
  ["lines of JSON that are no records", '{"message":"line"}\n', true],
  ["records", record, false],
  ["an empty file", "", false],
  ["a record that is not whole yet", record.slice(0, 30), false],
  ["a record that was broken off, and records behind it", record.slice(0, 30) + record, false],
  ["a damaged line, and records behind it", garbage + record, false],
])("%s", async (_, text, expected) => {
  await using folder = await tempDir();
  const path = join(folder.path, "log");
  await writeFile(path, text);
  expect(await isUnknown(path, createJsonFormat())).toBe(expected);
});

test("podman's CRI form where the driver local is expected, and no file", async () => {
  await using folder = await tempDir();
  const path = join(folder.path, "log");
  expect(await isUnknown(path, createLocalFormat())).toBe(false);
  await writeFile(path, cri);
  expect(await isUnknown(path, createLocalFormat())).toBe(true);
});
