import { entitle } from "#access/permissions.ts";
import { decideShared, NOTHING_KNOWN } from "#gate/decide/entries.ts";
import { sharedSubjects } from "#gate/dependencies.ts";
import { type PacketImpact, revocationImpact } from "#gate/revocationImpact.ts";
import type { PacketState } from "#gate/state.ts";
import { LineageBroken } from "#ledger/fault.ts";
import type { Seen } from "#ledger/ledger.ts";
import type { Actor, KeyFingerprint } from "#packet/actor.ts";
import { causeOf } from "#packet/fact.ts";
import type { Name, PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import { RevocationPreview } from "#packet/revocation.ts";
import { read } from "./ask.ts";
import type { Desk } from "./desk.ts";
import { reliances } from "./releaseKeys.ts";

/** A key that would be revoked, and who would lose it. */
export interface KeyCutOff {
  readonly fingerprint: KeyFingerprint;
  /** Null where nobody here has it. */
  readonly holder: Name | null;
  /** Real components that trust it, or for which a release of an open packet is signed with it. */
  readonly components: readonly Name[];
}

/** Who would lose what, were these credentials revoked now. */
export interface RevocationImpact {
  /** Open real packets that it would change, in order of id. */
  readonly packets: readonly PacketImpact[];
  /** Packets of which that cannot be said, because their lineage cannot be read. */
  readonly unreadable: readonly PacketId[];
  /** People and services who could no longer sign in. */
  readonly principalsCutOff: readonly Name[];
  readonly keysCutOff: readonly KeyCutOff[];
  /** Nodes that their peers would give nothing any more. */
  readonly nodesCutOff: readonly Name[];
  /** Whether the node that answers would refuse the list, as it has its own credential. */
  readonly refusedHere: boolean;
}

const HEADS_PAGE = 200;

/** What a list would do before it is pushed (rule 4.2.7). Nothing is recorded. */
export async function revocationPreview(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<RevocationImpact | Refusal> {
  const refused = entitle(actor, "revocationRead");
  if (refused !== null) return refused;
  const wish = read(RevocationPreview, input);
  if (wish instanceof Refusal) return wish;
  const { revocations } = desk;
  const names = { PRINCIPAL: new Set<Name>(), NODE: new Set<Name>() };
  const keys = new Set<KeyFingerprint>();
  for (const credential of wish.revoked) {
    if (credential.kind === "KEY") keys.add(credential.fingerprint);
    else names[credential.kind].add(credential.name);
  }
  const { packets, unreadable } =
    names.PRINCIPAL.size + keys.size === 0
      ? { packets: [], unreadable: [] }
      : await impacts(desk, actor, names.PRINCIPAL);
  const goingBy = keys.size === 0 ? [] : await reliances(desk, false, (key) => keys.has(key));
  return {
    packets,
    unreadable,
    principalsCutOff: [...names.PRINCIPAL].filter((name) => !revocations.revokesPrincipal(name)),
    keysCutOff: [...keys]
      .filter((key) => !revocations.revokesKey(key))
      .map((fingerprint) => ({
        fingerprint,
        holder: revocations.holderOf(fingerprint),
        components: goingBy.filter(({ key }) => key === fingerprint).map((one) => one.component),
      })),
    nodesCutOff: [...names.NODE].filter((name) => !revocations.revokesNode(name)),
    refusedHere: revocations.node !== null && names.NODE.has(revocations.node),
  };
}

/** Real packets only: what is revoked is not revoked in an exercise (rule 2.3). */
async function impacts(
  desk: Desk,
  actor: Actor,
  people: ReadonlySet<Name>,
): Promise<Pick<RevocationImpact, "packets" | "unreadable">> {
  const packets: PacketImpact[] = [];
  const unreadable: PacketId[] = [];
  for (let last: PacketId | null = null; ;) {
    const heads = await headsAfter(desk, last);
    for (const { packet } of heads) {
      const seen = await viewed(desk, packet);
      if (seen === "UNREADABLE") unreadable.push(packet);
      else if (seen !== null) {
        const impact = impactOn(desk, actor, seen, people);
        if (impact !== null) packets.push(impact);
      }
    }
    last = heads.at(-1)?.packet ?? last;
    if (heads.length < HEADS_PAGE) return { packets, unreadable };
  }
}

function headsAfter({ ledger }: Desk, last: PacketId | null) {
  return ledger.packets({ isOpen: true, exercise: false }, last, HEADS_PAGE);
}

async function viewed({ ledger }: Desk, packet: PacketId): Promise<Seen | null | "UNREADABLE"> {
  try {
    return await ledger.view(packet);
  } catch (fault) {
    if (fault instanceof LineageBroken) return "UNREADABLE";
    throw fault;
  }
}

function impactOn(
  { newId }: Desk,
  actor: Actor,
  { state, moment }: Seen,
  people: ReadonlySet<Name>,
): PacketImpact | null {
  const concerned = peopleOf(state).filter((name) => people.has(name));
  if (concerned.length === 0) return null;
  const { epoch, doubt } = moment;
  const reports = concerned.map((person) => ({ kind: "CREDENTIAL_REVOCATION", person }) as const);
  const receiving = { actor, epoch, doubt, newId, reportNumber: null };
  const entries = decideShared(NOTHING_KNOWN, reports, receiving);
  if (entries instanceof Refusal) throw new Error(entries.message);
  const fact = { kind: "ENTRIES_RECORDED", entries } as const;
  return revocationImpact(state, { fact, actor: causeOf(actor), epoch });
}

/** Whose credentials the packet rests on and are not revoked yet. */
function peopleOf({ facts }: PacketState): readonly Name[] {
  return sharedSubjects(facts.sources)
    .filter(({ kind, name }) => kind === "CREDENTIAL_REVOCATION" && !facts.revoked.has(name))
    .map(({ name }) => name);
}
