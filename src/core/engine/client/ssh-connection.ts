// Engines behind ssh, as the docker command reaches them: for each connection the system's own `ssh HOST docker system
// dial-stdio`, whose stdin and stdout are the connection. So known hosts, aliases, keys and jumps are what ~/.ssh/config says,
// and a host whose key has changed is refused by ssh itself. What ssh says on stderr is kept: it is the only one that knows why.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";

/** ssh gives up on a host that does not answer, in seconds; the docker command waits as long. */
const connectTimeoutS = 30;
/** The part of ssh's message that is kept, in characters: a changed host key takes 800. */
const wordsMax = 2000;

/** The message of ssh for the newest failed connection to each address. */
const lastWords = new Map<string, string>();

/**
 * Returns the reason why the newest connection to this address failed, in the words of ssh; undefined if it did not.
 */
export function sshFailure(host: string): string | undefined {
  return lastWords.get(host);
}

/** Makes a connection through ssh for each request. `host`: ssh://user@host:port, with the path of a socket there or without. */
export function createSshAgent(host: string): Agent {
  const agent = new Agent({ keepAlive: false });
  const connect = (_options: unknown, done?: (error: Error | null, socket: Duplex) => void): Duplex => {
    const connection = openSsh(host);
    done?.(null, connection);
    return connection;
  };
  return Object.assign(agent, { createConnection: connect });
}

/** The words of the command, as docker's own connection helper puts them. */
export function sshArguments(host: string): string[] {
  const { username, hostname, port, pathname } = new URL(host);
  const socket = pathname.replace(/^\/+$/, "");
  return [
    ...(username === "" ? [] : ["-l", decodeURIComponent(username)]),
    ...(port === "" ? [] : ["-p", port]),
    ...["-o", `ConnectTimeout=${connectTimeoutS}`, "-T", "--", hostname.replace(/^\[|\]$/g, ""), "docker"],
    ...(socket === "" ? [] : ["--host", `unix://${socket}`]),
    ...["system", "dial-stdio"],
  ];
}

function openSsh(host: string): Duplex {
  // A group of its own: Ctrl-C is for tasklog, which may have something to say to the engine still.
  const child = spawn("ssh", sshArguments(host), { stdio: "pipe", detached: true });
  let said = "";
  let hasAnswered = false;
  child.stderr.on("data", (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-wordsMax);
  });
  const connection = duplexOf(child, () => {
    hasAnswered = true;
    lastWords.delete(host);
  });
  const fail = (words: string): void => {
    if (hasAnswered) return;
    lastWords.set(host, words);
    connection.destroy(Object.assign(new Error(words), { code: "ESSH" }));
  };
  child.on("error", (error: NodeJS.ErrnoException) =>
    fail(error.code === "ENOENT" ? "there is no command ssh on this host: install it" : error.message),
  );
  child.on("close", (code) => {
    fail(said.trim() || `ssh exited with ${code}`);
    connection.destroy();
  });
  return connection;
}

/**
 * A stream whose writes go to the child and whose reads are what the child prints. Whoever destroys it ends the
 * child.
 */
function duplexOf(child: ChildProcessWithoutNullStreams, onAnswer: () => void): Duplex {
  const connection = new Duplex({
    write: (chunk, encoding, done) => void child.stdin.write(chunk, encoding, done),
    final: (done) => void child.stdin.end(done),
    read: () => void child.stdout.resume(),
    destroy(error, done) {
      child.kill();
      done(error);
    },
  });
  child.stdin.on("error", () => {}); // it has ended: told by its close
  let hasAnswered = false;
  child.stdout.on("data", (bytes) => {
    hasAnswered = true;
    onAnswer();
    if (!connection.push(bytes)) child.stdout.pause();
  });
  // An ssh that comes to nothing closes its stdout before it is known why.
  child.stdout.on("end", () => hasAnswered && connection.push(null));
  // The members of a socket that an HTTP client needs.
  const self = (): Duplex => connection;
  return Object.assign(connection, {
    setTimeout: self,
    setNoDelay: self,
    setKeepAlive: self,
    ref: self,
    unref: self,
  });
}
