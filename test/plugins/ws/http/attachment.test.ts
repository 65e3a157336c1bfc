// Names of downloaded files: whatever a task or a container is called, the header is one line that HTTP can carry.
import { expect, test } from "bun:test";
import { parse } from "content-disposition";
import { attachment } from "../../../../src/plugins/ws/http/attachment.ts";

const cases: [name: string, file: string][] = [
  ["job", "job.log"],
  ["漢", "漢.log"],
  ["a b", "a b.log"],
  ['quo"te', "quo_te.log"],
  ["shop/mailer", "shop_mailer.log"],
  ["../../etc/passwd", ".._.._etc_passwd.log"],
  ["C:\\x", "C__x.log"],
  ["cr\r\nset-cookie: a=b", "cr__set-cookie_ a=b.log"],
  ["\u202egnp", "_gnp.log"],
  ["esc\u001b[31m", "esc_[31m.log"],
  ["half \ud83d", "half _.log"],
  ["50%", "50%.log"],
  ["a%20b", "a%20b.log"],
  ["\u{1f600}".repeat(200), `${"\u{1f600}".repeat(80)}.log`],
  ["n".repeat(100_000), `${"n".repeat(80)}.log`],
];

test.each(cases.map(([name, file]) => [JSON.stringify(name).slice(0, 40), name, file]))(
  "%s",
  (_what, name, file) => {
    const value = attachment(name, "log");
    expect(value).toMatch(/^[\x20-\x7e]+$/);
    expect(parse(value)).toMatchObject({ type: "attachment", parameters: { filename: file } });
    expect(new Headers({ "content-disposition": value }).get("content-disposition")).toBe(value);
  },
);
