// What readers of an engine's log keep for those that come after a kill.

/** Small values by their keys that outlive the process. */
export interface Notes {
  note(key: string, value: unknown): void;
  noted(key: string): unknown;
  forget(key: string): void;
}
