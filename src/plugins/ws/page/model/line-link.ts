// The part of an address that names lines: #L4711 or #L4711-4720. Numbers of lines never change, so neither does it.

export interface LineRange {
  readonly fromSeq: number;
  /** Inclusive. */
  readonly toSeq: number;
}

/** undefined: the hash names no lines. */
export function fromHash(hash: string): LineRange | undefined {
  const found = /^#L(\d{1,15})(?:-L?(\d{1,15}))?$/.exec(hash);
  if (found === null) return undefined;
  const one = Number(found[1]);
  const other = found[2] === undefined ? one : Number(found[2]);
  if (one < 1 || other < 1) return undefined;
  return { fromSeq: Math.min(one, other), toSeq: Math.max(one, other) };
}

export function toHash(range: LineRange | undefined): string {
  if (range === undefined) return "";
  const { fromSeq, toSeq } = range;
  return fromSeq === toSeq ? `#L${fromSeq}` : `#L${fromSeq}-${toSeq}`;
}

export function isIn(range: LineRange | undefined, seq: number): boolean {
  return range !== undefined && seq >= range.fromSeq && seq <= range.toSeq;
}
