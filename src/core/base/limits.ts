// The bounds that a flag sets or that several files share, with their units. What is settable by a flag says which. What
// one file alone knows stands at its head.

/** The largest line, in bytes of UTF-8. What is longer is cut at a character and marked. */
export const lineBytesMax = 1024 * 1024;
/** Ring of a task: lines (`--ring-lines`) and bytes of text (`--ring-bytes`), whichever comes first. */
export const ringLinesMax = 1000;
export const ringBytesMax = 1024 * 1024;
/** A page of the ring, so that small writes do not become small allocations. */
export const pageLinesMax = 64;
export const pageBytesMax = 16 * 1024;
/** The largest batch of a cursor: lines (`--batch-lines`) and bytes of text. */
export const batchLinesMax = 1024;
export const batchBytesMax = 256 * 1024;
/** Lines a new viewer sees of the past unless asked otherwise (`--tail`). */
export const tailLinesDefault = 1000;

/** Lines of a task that wait for the disk, in bytes; beyond it the source is paused. */
export const unwrittenBytesMax = 8 * 1024 * 1024;
/** A segment file rolls at this size, in bytes. */
export const segmentBytesMax = 64 * 1024 * 1024;
/** The distance between two entries of the sparse index of a segment, in bytes. */
export const indexEveryBytes = 64 * 1024;
/** Logs of finished tasks that a worker keeps open for readers, and how long a completion waits for the disk (ms). */
export const finishedLogsOpenMax = 64;
export const flushTimeoutMs = 5_000;
/** The time before a worker writes its task records again when the disk did not take them, in ms. */
export const recordRetryMs = 2_000;
/** The same for what a master knows, in ms. */
export const storeRetryMs = 2_000;
/** The time between two runs of retention (`--retain-every`), in ms. */
export const retainEveryMs = 60_000;
/** The size of one ReadLog answer, in bytes of text. */
export const readBytesDefault = 1024 * 1024;
export const readBytesMax = 4 * 1024 * 1024;

/** Tasks in one answer of ListTasks. */
export const tasksPageMax = 1000;
/** gRPC: receive window of a client (bytes), largest message (bytes), keep-alive and reconnect (ms). */
export const flowControlWindowBytes = 8 * 1024 * 1024;
/** The same of a master's client: so much is on its way to a viewer that has stopped, and has to be sent before it costs nothing. */
export const viewerWindowBytes = 2 * 1024 * 1024;
export const messageBytesMax = 16 * 1024 * 1024;
/** gRPC, per connection of a server: calls at once, largest request (bytes), messages of a stream on their way. */
export const callsPerConnectionMax = 2000;
export const requestBytesMax = 4 * 1024 * 1024;
export const writesInFlightMax = 4;
/** A live stream whose receiver leaves this much untaken is cut, in bytes: it must not stop its connection. */
export const untakenBytesMax = 16 * 1024 * 1024;
export const keepaliveMs = 10_000;
export const keepaliveTimeoutMs = 5_000;
export const reconnectMinMs = 100;
export const reconnectMaxMs = 5_000;
/** A worker asks an engine that went away again after this long, in ms. */
export const engineRetryMs = 500;
/** A line of the engine's events and of a pull's progress, in characters: an event has all labels of its container. */
export const engineLineMax = 4 * 1024 * 1024;
/** An engine's log file: read at once, and longest record (16 KiB of text, escaped, and its attributes), in bytes. */
export const engineLogReadBytes = 256 * 1024;
export const engineRecordBytesMax = 1024 * 1024;
/** Files of it that rotation has removed are held open for a reader that is behind, in bytes. */
export const engineLogHeldBytesMax = 64 * 1024 * 1024;
/** It is looked at this often where the kernel tells of changes, and where it does not, in ms. */
export const engineLogLookMs = 1_000;
export const engineLogPollMs = 50;
/**
 * The engine's log of a container of our own is emptied at this size unless told otherwise (`--engine-log-max`), in bytes. It
 * is more than a task prints, and more than most disks hold: the log goes with the container.
 */
export const engineLogBytesMaxDefault = 100 * 1024 ** 3;
/** The log of an adopted terminal, where it comes from the engine's API, is asked for this often, in ms. */
export const ttyPollMs = 250;
/** A connection that has not said what it is by then is closed. */
export const helloTimeoutMs = 5_000;
export const callTimeoutMs = 15_000;
/** That connections are refused is told this often, in ms. */
export const refusalsTellMs = 60 * 60 * 1000;
export const shutdownTimeoutMs = 3_000;
/**
 * The next connection of an address waits for so long after each that was ended for flooding, in ms: such a one costs
 * about 40 ms of the processor. The others behind it are so far apart, and none waits for longer than the last.
 */
export const floodPauseMs = 1_000;
export const floodSpaceMs = 100;
export const floodWaitMsMax = 5_000;
/** An address is taken for a flooder's for so long, in ms, and so many addresses are, at 100 bytes each. */
export const floodMemoryMs = 10_000;
export const floodersMax = 10_000;

/** A worker that stays away this long makes its tasks `lost` (`--lost-after`), in ms. */
export const lostAfterMs = 60_000;
/** Between SIGTERM and SIGKILL unless the task says otherwise (`--stop-timeout`), in ms. */
export const stopTimeoutMs = 10_000;
/** Tasks a worker runs at once unless told otherwise (`--slots`). */
export const slotsDefault = 64;

/** A plugin that has not started, or not closed, by then is given up, in ms. */
export const pluginStartMs = 15_000;
export const pluginCloseMs = 3_000;
/** A whole specification, as JSON in UTF-8, in bytes: the master keeps all unfinished ones in memory, and events carry them. */
export const specBytesMax = 256 * 1024;
/** The most webhooks that one task may ask for. */
export const webhooksMax = 16;
/** The most tasks that may wait to be started: in all, of one user, and their specifications in bytes. */
export const pendingTasksMax = 20_000;
export const pendingTasksPerUserMax = 15_000;
export const pendingBytesMax = 256 * 1024 * 1024;
/** The last moment that RFC 3339 can write, in ms of the Unix epoch. */
export const timeMsMax = 253_402_300_799_999;

/**
 * The limits of one webhook call: the wait for its answer (ms), and its body (bytes; the standard asks for less than
 * 20 KB).
 */
export const webhookTimeoutMs = 15_000;
export const webhookBodyBytesMax = 20_000;

/** A WebSocket's viewer: what it may send at once (bytes), tasks it may look at, requests that may wait, viewers in all. */
export const socketMessageBytesMax = 16 * 1024;
export const socketTasksMax = 64;
export const socketRequestsMax = 128;
export const socketsMax = 50_000;
/** A viewer that has shown no sign of life between two pings is cut; so is one that does not answer a close, in ms. */
export const socketPingMs = 30_000;
export const socketCloseMs = 2_000;
/** HTTP: a request's body (bytes), lines and tasks in one JSON answer. */
export const httpBodyBytesMax = 4 * 1024 * 1024;
export const httpLinesDefault = 1000;
export const httpLinesMax = 10_000;
export const httpTasksDefault = 100;
export const httpTasksMax = 1000;
/** The number of runs of a name that one may go back at once. */
export const previousMax = 1000;
/** Search: the text (characters), matching lines in one answer, and how often it says how far it is (ms). */
export const searchTextMax = 1000;
export const searchMatchesDefault = 1000;
export const searchMatchesMax = 100_000;
export const searchProgressMs = 200;
/** Answers that look through a log at once; one more gets 429. */
export const searchesMax = 32;
/** Downloads of whole logs at once (12 MB each, with zstd), and pages of logs that are not taken yet (4 MB each). */
export const downloadsMax = 32;
export const pagesMax = 64;
/** The time that one more of them waits for a place, in ms, before it gets 429. */
export const placeWaitMs = 10_000;
/**
 * The limits of a pattern's cost: the sum of the counts of its repetitions, such as {3}, and its compiled size (ordinary ones have
 * 7 to 31 steps; 2981 take 3 s for a line of 64 KiB, under Bun 1.4.5). Characters of a line that are matched; and the product of
 * the two, so that a larger pattern sees less of a line: the worst line takes 0.07 s.
 */
export const patternRepeatsMax = 256;
export const patternSizeMax = 256;
export const matchedLineMax = 64 * 1024;
export const matchStepsMax = 1 * 1024 * 1024;
/** Matching gives the event loop its turn after this long, all searches together; marks of one line end after so long. In ms. */
export const matchTurnMs = 10;
export const rangesMs = 10;
/** Density of a log: buckets in one answer, rows kept for a task, tasks kept. */
export const densityBucketsMax = 4096;
export const densityRowsMax = 8192;
export const densityTasksMax = 64;
