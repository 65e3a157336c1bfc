// A moment of a line, to the nanosecond. Two numbers and no BigInt, because every line has one.

/** A stamp: seconds and nanoseconds of the Unix epoch. */
export interface Stamp {
  readonly seconds: number;
  readonly nanos: number;
}
