import { z } from "zod";
import { sha256Hex } from "#proof/digest.ts";
import { digestWords } from "#proof/words.ts";
import type { RevisionAnswer } from "./questions.ts";

/** What of a revision's document can be compared with what else is told of it. */
const Document = z.object({
  packet: z.string(),
  number: z.int(),
  predecessor: z.string().nullable(),
  cause: z.string(),
  epoch: z.string(),
  status: z.string(),
  materialDigest: z.string(),
});

/** What of a revision and its predecessor does not hold together, recomputed from its document. */
export function lineageFaults(revision: RevisionAnswer, before: RevisionAnswer | null): string[] {
  const { document, digest } = revision;
  const told = { ...revision, epoch: revision.epoch.toString() };
  const named = Document.parse(JSON.parse(document));
  const differing = Document.keyof().options.filter((name) => named[name] !== told[name]);
  const words = digestWords(Buffer.from(digest, "hex"));
  return [
    ...(sha256Hex(document) === digest ? [] : ["its document has another digest"]),
    ...(revision.predecessor === (before?.digest ?? null) ? [] : ["its predecessor is another"]),
    ...(words.join(" ") === revision.digestWords.join(" ") ? [] : ["its words are of another"]),
    ...differing.map((name) => `its document has another ${name}`),
  ];
}
