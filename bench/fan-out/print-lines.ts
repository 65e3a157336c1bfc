// Prints RATE lines of 100 bytes a second for SECONDS, as even as a timer of a millisecond allows. Each begins with the
// time at which it is printed: ms of the Unix epoch, 20 characters.
const [rate = 1000, seconds = 10] = process.argv.slice(2).map(Number);
const startMs = performance.now();
let printed = 0;
while (printed < rate * seconds) {
  const due = Math.min(rate * seconds, Math.floor(((performance.now() - startMs) * rate) / 1000));
  let text = "";
  const time = (performance.timeOrigin + performance.now()).toFixed(3).padStart(20, "0");
  for (; printed < due; printed++) text += `${time} line ${printed + 1} `.padEnd(99, "x").concat("\n");
  if (text !== "") await Bun.write(Bun.stdout, text);
  await Bun.sleep(1);
}

export {};
