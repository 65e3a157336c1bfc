// Publishes each line of stdin to a Redis channel.
const [port = 6379, channel = "log"] = process.argv.slice(2);
const redis = await Bun.connect({ hostname: "127.0.0.1", port: Number(port), socket: { data() {} } });
let rest = "";
const decoder = new TextDecoder();
for await (const bytes of Bun.stdin.stream()) {
  const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
  rest = lines.pop() ?? "";
  let commands = "";
  for (const line of lines) {
    commands += `*3\r\n$7\r\nPUBLISH\r\n$${channel.length}\r\n${channel}\r\n$${line.length}\r\n${line}\r\n`;
  }
  redis.write(commands);
  redis.flush();
}

export {};
