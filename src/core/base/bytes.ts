// Bytes of ASCII that formats of lines are made of, by name.

export const newlineByte = 10;
export const carriageReturnByte = 13;
export const quoteByte = 34;
export const letterZByte = 90;
export const backslashByte = 92;
