import { z } from "zod";
import { ASKED_MAX, PEOPLE_MAX } from "./limits.ts";
import { EpochsOrNone } from "./epoch.ts";
import { Name, distinctList } from "./name.ts";

/** The roles of a signing ceremony. */
export const SeatRole = z.enum(["SIGNER", "CUSTODIAN", "CEREMONY_LEAD", "WITNESS"]);
export type SeatRole = z.infer<typeof SeatRole>;

/** One person who may sit. */
const RosterPerson = z.strictObject({
  person: Name,
  roles: distinctList(SeatRole, SeatRole.options.length, (role) => role),
  custodyGroup: Name,
});
export type RosterPerson = z.infer<typeof RosterPerson>;

/** Everybody who may take a seat or hold custody. */
export const Roster = z.strictObject({
  kind: z.literal("ROSTER"),
  people: distinctList(RosterPerson, PEOPLE_MAX, (item) => item.person),
});
export type Roster = z.output<typeof Roster>;

const Seats = z.strictObject({ role: SeatRole, count: z.int().min(1).max(ASKED_MAX) });
export type Seats = z.infer<typeof Seats>;

/** The seats of every shift, in the order in which they are filled (rules 4.1.6 and 5.4). */
export const QuorumPolicy = z
  .strictObject({
    kind: z.literal("QUORUM_POLICY"),
    seats: distinctList(Seats, SeatRole.options.length, (item) => item.role),
    minCustodyGroups: z.int().min(1).max(ASKED_MAX),
    /** How many epochs two shifts may share before nobody counts in both. */
    handoverEpochs: EpochsOrNone,
  })
  .superRefine((policy, context) => {
    const signers = policy.seats.find((seats) => seats.role === "SIGNER")?.count ?? 0;
    if (signers >= policy.minCustodyGroups) return;
    const message = `asks for more custody groups than its ${signers} SIGNER seats can come from`;
    context.addIssue({ code: "custom", path: ["minCustodyGroups"], message });
  });
export type QuorumPolicy = z.output<typeof QuorumPolicy>;
