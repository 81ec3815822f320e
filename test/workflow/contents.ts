import type { Desk } from "#workflow/desk.ts";
import {
  byDigest,
  commitment,
  component,
  confirmation,
  declaration,
  emergencyPlan,
  enclave,
  held,
  initialisation,
  quarantine,
  rebuild,
  revocation,
  rotation,
  safeguard,
  sighting,
} from "../gate/reports.ts";
import { CONTENTS, digestOf, release } from "../gate/train.ts";
import { makeReleaseKey, signedRelease } from "../proof/releaseKeys.ts";
import { type Train, type Wire, calendarOf, onWire, usualSources } from "./trains.ts";

/** Whoever makes the releases. */
export const RELEASE_KEY = makeReleaseKey();

/** A source of every kind in which every field and every list has something. */
export async function fullSources(desk: Desk, train: Train): Promise<Wire[]> {
  const usual = await usualSources(desk, train);
  const lists = { denied: [digestOf("bad")], trustedKeys: [RELEASE_KEY.fingerprint] };
  const kept = signedRelease("core", { ...release("r1", 4, 1), ...lists }, RELEASE_KEY);
  const own = signedRelease("core", { ...release("r2", 5, 4), ...lists }, RELEASE_KEY);
  const scope = {
    ...CONTENTS.ROLLBACK_SCOPE,
    packages: [{ package: "back", component: "core", release: kept }],
    trainReleases: [{ component: "core", release: own }],
  };
  const shifts = [
    ["early", 0, 1000],
    ["late", 1000, 2000],
  ] as const;
  const full = [onWire(scope), await calendarOf(desk, shifts, [[2000, 3000]])];
  const newest = new Map([...usual, ...full].map((source) => [source["kind"], source]));
  return [...newest.values()];
}

const more = { observedEpoch: "0", note: "seen by two people\r\n\u001b[31mred\u001b[0m <b>" };

/** One entry of every kind about the usual packet's own subjects, every field given. */
export const FULL_ENTRIES: readonly Wire[] = [
  confirmation("app"),
  rebuild("lib"),
  commitment("ana", "early"),
  held("ben"),
  safeguard("REGISTRY_RELEASE", "ENGAGED"),
  sighting("app", "rogue", "mirror"),
  quarantine(byDigest("rogue")),
  quarantine({ by: "LOCATION", location: "cache" }),
  quarantine({ by: "MANIFEST", version: 1 }),
].map((entry) => onWire({ ...entry, ...more }));

/** A plan in which every list has something. */
function fullPlan() {
  return emergencyPlan(["ana"], {
    regions: [
      { region: "east", needs: ["west"] },
      { region: "west", needs: ["east"] },
    ],
    ways: [
      {
        way: "console",
        wayKind: "ACCESS_PATH",
        settings: ["10.0.0.5/24"],
        dependsOn: ["dns"],
        replaces: ["sso"],
      },
    ],
    services: [{ service: "sso", dependsOn: ["dns"] }],
  });
}

/** What a report about a shared subject is about, in a word. */
export type SharedWord =
  | "enclave"
  | "credential"
  | "component"
  | "declaration"
  | "initialisation"
  | "rotation"
  | "plan";

/** One report of every kind about shared subjects, every field given. */
export function sharedReports(name: string): Record<SharedWord, Wire> {
  const lists = { denied: [digestOf("bad")], trustedKeys: ["key-1"] };
  const running = digestOf("r2");
  const ran = `${name}-run`;
  const { fingerprint } = RELEASE_KEY;
  const asked = { ...release("r2", 5, 4), denied: [digestOf("bad")], trustedKeys: [fingerprint] };
  return {
    enclave: onWire({ ...enclave(name), ...more }),
    credential: onWire({ ...revocation("nobody-here"), ...more }),
    component: onWire({
      ...component(0, { ...lists, running, standpoint: "OUTSIDE", keySlotsUsed: 1 }),
      component: `${name}-core`,
      ...more,
    }),
    declaration: onWire({
      ...declaration({ componentKind: "FIRMWARE", keySlots: 100 }, lists),
      spareParts: [{ release: "r1", svn: 4 }],
      component: `${name}-core`,
      ...more,
    }),
    initialisation: onWire({
      ...initialisation(signedRelease(ran, asked, RELEASE_KEY), ran),
      ...more,
    }),
    rotation: onWire({ ...rotation({ component: `${name}-keys` }), ...more }),
    plan: onWire({ ...fullPlan(), ...more }),
  };
}
