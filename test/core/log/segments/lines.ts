// Random lines for the tests of segments.
import {
  cutFlag,
  type LineBatch,
  LineBatchBuilder,
  stderrFlag,
} from "../../../../src/core/log/line-batch.ts";
import type { Random } from "../../../helpers/random.ts";

export interface TestLine {
  seconds: number;
  nanos: number;
  flags: number;
  text: string;
}

const texts = [
  "",
  "a",
  "same line",
  "same line",
  "tab\tand \u0000 nul",
  "ünïcödé €",
  "\r50%\r100%",
  "2026-11-23T07:51:53.417678314Z stdout F x",
];

/** Lines of both streams, many of them identical, whose stamps stand still, leap, and run backwards. */
export function randomLines(random: Random, count: number): TestLine[] {
  const lines: TestLine[] = [];
  let seconds = 1_790_000_000 + random.between(0, 100);
  let nanos = random.between(0, 999_999_999);
  for (let index = 0; index < count; index++) {
    if (random.chance(0.3)) nanos = random.between(0, 999_999_999);
    if (random.chance(0.05)) seconds += random.between(-5, 9);
    const flags = (random.chance(0.3) ? stderrFlag : 0) | (random.chance(0.03) ? cutFlag : 0);
    const text = random.chance(0.7)
      ? random.pick(texts)
      : "x".repeat(random.chance(0.02) ? random.between(0, 9000) : random.between(0, 150));
    lines.push({ seconds, nanos, flags, text });
  }
  return lines;
}

export function toBatch(lines: readonly TestLine[], firstSeq: number): LineBatch {
  const builder = new LineBatchBuilder();
  for (const line of lines) {
    const bytes = new TextEncoder().encode(line.text);
    builder.add(bytes, 0, bytes.length, line, line.flags);
  }
  return builder.build(firstSeq);
}

export function fromBatch(batch: LineBatch): TestLine[] {
  return Array.from({ length: batch.count }, (_, index) => ({
    seconds: batch.seconds[index] as number,
    nanos: batch.nanos[index] as number,
    flags: batch.flags[index] as number,
    text: batch.textAt(index),
  }));
}
