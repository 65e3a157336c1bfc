// Every bound of the system, with its unit, in one place. What is settable by a flag says which.

/** The largest line, in bytes of UTF-8. What is longer is cut at a character and marked. */
export const lineBytesMax = 1024 * 1024;
/** Text without a newline is shown as an unfinished line after this long, in ms, if it is not longer than that, in bytes. */
export const partialAfterMs = 100;
export const partialBytesMax = 64 * 1024;
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
/** Lines are shown before the file has them when that takes longer than this, waited for in such steps, in ms. */
export const publishAfterMs = 1000;
export const publishStepMs = 50;
/** A disk that has not taken lines after so long is said to be slow, in ms. */
export const diskBehindMs = 2_000;
/** The time between two runs of retention (`--retain-every`), in ms. */
export const retainEveryMs = 60_000;
/** A running task's log of this size is warned about where no bound is set, in bytes: few disks have room for several. */
export const largeLogBytes = 10 * 1024 ** 3;
/** Retention removes whole segments: a bound in bytes makes them so small that it is about so many of them. */
export const segmentsPerTaskBound = 8;
export const segmentsPerStoreBound = 64;
export const segmentBytesMin = 64 * 1024;
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
/** An engine that has not told its version by then does not answer, in ms. */
export const engineAnswerMs = 2_000;
/** A worker asks an engine that went away again after this long, in ms. */
export const engineRetryMs = 500;
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
/** The log of a container that was created and not started yet is watched for so long, in ms. */
export const earlyLogMs = 5 * 60_000;
/**
 * The distance between two kept places in the engine's log, in bytes and ms, and their number; see
 * engine/sources/reading-places.ts.
 */
export const placeEveryBytes = 256 * 1024;
export const placeEveryMs = 1_000;
export const placesKept = 8;
/** The log of a run that seems to have ended is followed again after this long, unless the engine has told of its end, in ms. */
export const followAgainMs = 1_000;
/** A log that is followed is at its end when its run has ended and nothing came for this long, in ms. */
export const endQuietMs = 300;
/** The log of an adopted terminal, where it comes from the engine's API, is asked for this often, in ms. */
export const ttyPollMs = 250;
/** A run whose end was not seen: its last lines may come this long after its last process ended, in ms. */
export const endLinesMs = 100;
/** A worker that starts looks this long for runs of its own before it meets its master, in ms. */
export const resumeWaitMs = 2_000;
/** A connection that has not said what it is by then is closed. */
export const helloTimeoutMs = 5_000;
export const callTimeoutMs = 15_000;
/**
 * A master listens at two addresses, and each may have half of the descriptors (`ulimit -n`) beyond the reserve for files,
 * tasks and engines: a quarter, or this many if that is more. The last is the limit where the system does not tell it.
 */
export const listenersMax = 2;
export const descriptorsReserved = 64;
export const descriptorsAssumed = 1024;
/** That connections are refused is told this often, in ms. */
export const refusalsTellMs = 60 * 60 * 1000;
export const shutdownTimeoutMs = 3_000;

/** A worker that stays away this long makes its tasks `lost` (`--lost-after`), in ms. */
export const lostAfterMs = 60_000;
/** The relay keeps its stream this long after its last viewer left, in ms. */
export const relayLingerMs = 10_000;
/** Between SIGTERM and SIGKILL unless the task says otherwise (`--stop-timeout`), in ms. */
export const stopTimeoutMs = 10_000;
/** Tasks a worker runs at once unless told otherwise (`--slots`). */
export const slotsDefault = 64;

/** Pieces of a task's past that the master keeps for viewers who are behind, each of `readBytesDefault`. */
export const historyPiecesMax = 4;
/** Events of the master that a slow reader may be behind before it misses some. */
export const masterEventsMax = 4096;
/** A plugin that has not started, or not closed, by then is given up, in ms. */
export const pluginStartMs = 15_000;
export const pluginCloseMs = 3_000;
/** The largest key and value that a plugin can keep (`host.keyValue`), in characters. */
export const pluginKeyMax = 1024;
export const pluginValueMax = 1024 * 1024;
/** The deepest nesting of JSON that strangers send. */
export const jsonDepthMax = 64;
/** A request's body that is not whole by then ends its connection, in ms. */
export const httpBodyMs = 30_000;
/** The most labels that a list may be narrowed by. */
export const labelsAskedMax = 64;
/** A whole specification, as JSON in UTF-8, in bytes: the master keeps all unfinished ones in memory, and events carry them. */
export const specBytesMax = 256 * 1024;
/** The most webhooks that one task may ask for. */
export const webhooksMax = 16;
/** The most tasks that may wait to be started: in all, of one user, and their specifications in bytes. */
export const pendingTasksMax = 20_000;
export const pendingTasksPerUserMax = 15_000;
export const pendingBytesMax = 256 * 1024 * 1024;
/** The limits of what lists and events carry of a task, in characters: with them a page of `tasksPageMax` stays far below `messageBytesMax`. */
export const summaryCommandMax = 1024;
export const summaryDetailMax = 1024;
export const summaryNamesMax = 1024;
export const summaryLabelsMax = 2048;
/** The number of tasks that are read from the store at once for a list: their specifications are whole there. */
export const listStepTasks = 50;
/** The limits of what a worker may report: a sentence (characters), a name (characters), entries of a list. */
export const wordsTextMax = 4096;
export const wordsNameMax = 255;
export const wordsItemsMax = 256;
/** The last moment that RFC 3339 can write, in ms of the Unix epoch. */
export const timeMsMax = 253_402_300_799_999;
/**
 * The largest text of a task's specification (an argument, a variable), in characters, and how many of a kind there
 * may be.
 */
export const specTextMax = 128 * 1024;
export const specItemsMax = 10_000;
/** The largest argument or variable that Linux starts a program with, in bytes without the NUL behind it (MAX_ARG_STRLEN). */
export const argumentBytesMax = 128 * 1024 - 1;

/** A webhook's URL, in characters. */
export const webhookUrlMax = 2000;
/**
 * The limits of one webhook call: the wait for its answer (ms), and its body (bytes; the standard asks for less than
 * 20 KB).
 */
export const webhookTimeoutMs = 15_000;
export const webhookBodyBytesMax = 20_000;
/** The part of a refusing answer's body that is read to be shown, in bytes. */
export const webhookAnswerBytesMax = 512;
/** Calls on their way at once: in all, and to one host. */
export const webhookCallsMax = 32;
export const webhookCallsPerHostMax = 4;
/** Calls that are kept, undelivered or given up; beyond it the oldest given up goes, or a new one is not taken. */
export const webhookKeptMax = 10_000;
/** The end of a task's log is waited for this long before its call goes out without lines, in ms. */
export const webhookLinesMs = 5_000;
/** The longest delay that an answer's Retry-After can cause, in ms. */
export const webhookRetryAfterMax = 24 * 60 * 60_000;

/** A WebSocket's viewer: what it may send at once (bytes), tasks it may look at, requests that may wait, viewers in all. */
export const socketMessageBytesMax = 16 * 1024;
export const socketTasksMax = 64;
export const socketRequestsMax = 128;
export const socketsMax = 50_000;
/** The unsent bytes in a viewer's socket at which its cursors pause. The frame that crosses it comes on top. */
export const socketUnsentBytesMax = 256 * 1024;
/** A viewer that has shown no sign of life between two pings is cut; so is one that does not answer a close, in ms. */
export const socketPingMs = 30_000;
export const socketCloseMs = 2_000;
/** Server-Sent Events: a quiet stream gets a comment this often, in ms. */
export const sseCommentMs = 15_000;
/** HTTP: a request's body (bytes), lines and tasks in one JSON answer. */
export const httpBodyBytesMax = 4 * 1024 * 1024;
export const httpLinesDefault = 1000;
export const httpLinesMax = 10_000;
export const httpTasksDefault = 100;
export const httpTasksMax = 1000;
/** Pages that ask for a snapshot within this time, in ms, get the same one; so many get theirs in one turn of the event loop. */
export const snapshotWaitMs = 20;
export const eventsServedPerTurn = 4;
/** The number of runs of a name that one may go back at once. */
export const previousMax = 1000;
/** The time a JSON answer looks for lines that pass a filter before it says how far it came, in ms. */
export const httpFilterMs = 250;
/** Search: the text (characters), matching lines in one answer, and how often it says how far it is (ms). */
export const searchTextMax = 1000;
export const searchMatchesDefault = 1000;
export const searchMatchesMax = 100_000;
export const searchProgressMs = 200;
/** Answers that look through a log at once; one more gets 429. */
export const searchesMax = 32;
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
