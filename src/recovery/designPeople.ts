import type { DesignFacts, DesignResponder } from "./designFacts.ts";
import { type Section, coded, codedList, listed } from "./markdown.ts";

/** Whose credentials no longer count, and how that is known everywhere. */
export function revocationSection({ revocation }: DesignFacts): Section {
  const { people, lists, count, node, faults } = revocation;
  return {
    title: "Revocation",
    lines: [
      "One mechanism for every day and for emergencies: signed lists in 256 shards, each versioned by itself, pushed to",
      "every node, which decides from its own copy.",
      "",
      "- Fail-safe: with the distributor away a node goes on with the last good list; it never fails open and never takes an older one",
      "- A list that would revoke the node's own credential is refused and reported: with two halves of the nodes in different shards, half always survives",
      "- An emergency revocation is the same push to the one shard that it concerns",
      `- Revoked among those whom open packets depend on: ${codedList(people)}`,
      node === null
        ? "- The node that answers has no credential of its own"
        : `- The node that answers is ${coded(node.name)}, in shard ${node.shard}`,
      `- It holds the lists of ${lists.length} of 256 shards, with ${count} credentials; a shard without a list has none that is revoked`,
      ...lists.map(({ shard, version }) => `  - shard ${shard}: version ${version}`),
    ],
    gaps: [
      ...(node === null
        ? ["the node that answers has no credential: no list can name it, and none spares it"]
        : []),
      ...faults.map((fault) => `the node's copy of the lists: ${coded(fault)}`),
    ],
  };
}

/** Who gets in when nothing else lets anybody in, by what, and when that was last done. */
export function emergencySection({ emergency }: DesignFacts): Section {
  const { plan, findings, responders, owners } = emergency;
  return {
    title: "Emergency access",
    lines: [
      plan === null ? "There is no plan of emergency access." : "The plan:",
      "",
      ...(plan ?? []),
      ...(plan === null ? [] : [""]),
      "What its audit finds: ways that would fail together with what they are meant to replace, and other faults.",
      "",
      ...listed(
        findings.map(
          ({ code, why, chain }) =>
            `- ${code}: ${coded(why)}${chain.length === 0 ? "" : `, by ${chain.map(coded).join(" -> ")}`}`,
        ),
      ),
      "",
      "Exercise record, from real use of the emergency path alone:",
      "",
      ...listed(responders.map(responderLine)),
      "",
      "Approval owners:",
      "",
      ...listed(
        owners.map(
          ({ train, owner, policy }) =>
            `- ${coded(owner)} for train ${coded(train)}: ${policy ?? "the lane asks for no exercise"}`,
        ),
      ),
    ],
    gaps: [
      ...(plan === null ? ["there is no plan"] : []),
      ...findings.map(({ code, why }) => `${code}: ${coded(why)}`),
      ...(responders.some(({ isLetIn }) => isLetIn)
        ? []
        : ["nobody can sign in when single sign-on is down"]),
      ...responders.flatMap(({ person, unready }) =>
        unready === null
          ? []
          : [`${coded(person)} is not ready for the emergency path: ${unready}`],
      ),
      ...owners
        .filter(({ owner }) => !responders.some((one) => one.person === owner && one.isLetIn))
        .map(
          ({ owner, train }) =>
            `${coded(owner)}, who approves for train ${coded(train)}, cannot sign in offline`,
        ),
    ],
  };
}

function responderLine({ person, lastExercise, isLetIn, unready, planned }: DesignResponder) {
  const parts = [
    lastExercise === null ? "never exercised" : `last exercised in epoch ${lastExercise}`,
    isLetIn ? "may sign in offline" : "may not sign in offline",
    ...(unready === null ? [] : [unready]),
    ...(planned === null ? [] : [planned]),
  ];
  return `- ${coded(person)}: ${parts.join("; ")}`;
}
