// The rival most people write: each line of stdin, as one JSON frame, to every socket, with npm's `ws` on Node. Nothing is
// awaited and nothing kept, as in that package's own example of a broadcast.
import { createInterface } from "node:readline";
import { WebSocketServer } from "ws";

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  perMessageDeflate: false,
});
server.on("listening", () => console.log("listening"));
let seq = 0;
createInterface({ input: process.stdin }).on("line", (content) => {
  const frame = JSON.stringify({
    type: "log",
    content,
    isComplete: false,
    status: "running",
    seq: ++seq,
  });
  for (const client of server.clients) client.send(frame);
});
