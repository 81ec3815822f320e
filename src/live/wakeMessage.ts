import { MESSAGE_BYTES_MAX, MESSAGE_WAKES_MAX } from "./limits.ts";
import type { Wake } from "./wakes.ts";

const VERSION = "1";
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** As many digits as a number of JavaScript has for certain. */
const REVISION = /^[1-9][0-9]{0,14}$/;

/** What every message of a node begins with. */
export function messagePrefix(node: string): string {
  return `${VERSION} ${node}`;
}

/**
 * A message that tells of so many wake-ups as one may: version, node, and a packet and its
 * revision for each, with one space between any two.
 */
export function messageOf(node: string, moved: readonly Wake[]): string {
  const told = moved.map(({ packet, revision }) => ` ${packet} ${revision}`);
  return `${messagePrefix(node)}${told.join("")}`;
}

/** The wake-ups of a message, whoever wrote it; null for one that is not of this form in every byte. */
export function wakesOf(message: Uint8Array): Wake[] | null {
  if (message.length > MESSAGE_BYTES_MAX) return null;
  const [version, node = "", ...told] = Buffer.from(message).toString("latin1").split(" ");
  if (version !== VERSION || !UUID.test(node)) return null;
  if (told.length === 0 || told.length % 2 !== 0) return null;
  if (told.length > 2 * MESSAGE_WAKES_MAX) return null;
  const moved: Wake[] = [];
  for (let at = 0; at < told.length; at += 2) {
    const [packet = "", revision = ""] = told.slice(at, at + 2);
    if (!UUID.test(packet) || !REVISION.test(revision)) return null;
    moved.push({ packet, revision: Number(revision) });
  }
  return moved;
}
