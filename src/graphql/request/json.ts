/**
 * Reads JSON (RFC 8259) whose objects name each member once: of two with one name each reader
 * on the way takes another, and the last is what would count here.
 *
 * @throws {SyntaxError} for what is no JSON, or names a member twice.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (membersWritten(text) !== membersIn(value)) {
    throw new SyntaxError("an object names a member twice");
  }
  return value;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** How many members a text that is JSON writes: as many as colons outside of texts. */
function membersWritten(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COLON) count += 1;
    else if (code === QUOTE) at = endOfText(text, at);
  }
  return count;
}

function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 1;
}

function membersIn(value: unknown): number {
  let count = 0;
  // Not by recursion: what nests deeper than the stack is JSON as well.
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null) continue;
    const members: unknown[] = Array.isArray(next) ? next : Object.values(next);
    if (!Array.isArray(next)) count += members.length;
    for (const member of members) waiting.push(member);
  }
  return count;
}
