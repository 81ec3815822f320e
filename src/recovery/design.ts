import { sha256Hex } from "#proof/digest.ts";
import type { DesignFacts } from "./designFacts.ts";
import { clockSection, rateSection } from "./designTime.ts";
import { componentSection, deviationSection, rollbackSection } from "./designComponents.ts";
import { emergencySection, revocationSection } from "./designPeople.ts";
import { coded, documentOf } from "./markdown.ts";

/** The document and the SHA-256 of its UTF-8, in hexadecimal. */
export interface RecoveryDesign {
  readonly markdown: string;
  readonly digest: string;
}

/** Writes the recovery design document: the same facts give the same bytes. Gaps come first. */
export function recoveryDesign(facts: DesignFacts): RecoveryDesign {
  const kind = facts.exercise
    ? "Of exercises. Nothing in it is ever to be taken for real."
    : "Of what is real; exercises have a document of their own.";
  const head = [
    `Deployment ${coded(facts.deployment)}, at epoch ${facts.epoch}. ${kind}`,
    "Written from live state by the product. Names and other values stand in code spans.",
  ];
  const title = facts.exercise ? "Recovery design (EXERCISE)" : "Recovery design";
  const markdown = documentOf(title, head, [
    componentSection(facts),
    rollbackSection(facts),
    rateSection(facts),
    clockSection(),
    revocationSection(facts),
    emergencySection(facts),
    deviationSection(facts),
  ]);
  return { markdown, digest: sha256Hex(markdown) };
}
