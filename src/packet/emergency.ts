import { z } from "zod";
import { KeyFingerprint } from "./actor.ts";
import { Epoch, Epochs } from "./epoch.ts";
import {
  ASKED_MAX,
  EMERGENCY_SERVICES_MAX,
  KEYS_MAX,
  NAMED_MAX,
  NETWORK_SETTINGS_MAX,
} from "./limits.ts";
import { Name, distinctList } from "./name.ts";

/** The one subject of what is said of the deployment's emergency access. */
export const EMERGENCY_SUBJECT = "DEPLOYMENT";

/** One line of static network settings: what a machine needs before any service answers it. */
const NetworkSetting = z
  .string()
  .regex(/^[\x20-\x7e]{1,200}$/, "must be 1 to 200 printable ASCII characters");

/** What is needed, if anything: an empty list says that nothing is. */
const needed = z.array(Name).max(NAMED_MAX, `must have at most ${NAMED_MAX} elements`);

/** Somebody who can reach the deployment when nothing else lets them in. */
const Responder = z.strictObject({
  person: Name,
  /** Those of their offline keys. */
  keys: distinctList(KeyFingerprint, KEYS_MAX, (key) => key),
  /** When their credential was last handed out, and for how long it is meant to last. */
  provisionedEpoch: Epoch,
  lifetimeEpochs: Epochs,
  /** Whether they may begin without asking anybody. */
  immediate: z.boolean(),
  region: Name,
});
export type Responder = z.output<typeof Responder>;

/** A place from which people respond, and the regions that it has to wait for; none means that it can begin alone. */
const Region = z.strictObject({ region: Name, needs: needed });
export type EmergencyRegion = z.output<typeof Region>;

/** A way in, or a way to talk. */
export const EmergencyWayKind = z.enum(["ACCESS_PATH", "CHANNEL"]);
export type EmergencyWayKind = z.infer<typeof EmergencyWayKind>;

/** An access path or a communication channel, what it needs, and what it is meant to replace. */
const EmergencyWay = z.strictObject({
  way: Name,
  wayKind: EmergencyWayKind,
  settings: z.array(NetworkSetting).max(NETWORK_SETTINGS_MAX),
  dependsOn: needed,
  replaces: distinctList(Name, NAMED_MAX, (service) => service),
});
export type EmergencyWay = z.output<typeof EmergencyWay>;

/** A service such as single sign-on, and the services that it needs itself. */
const EmergencyService = z.strictObject({ service: Name, dependsOn: needed });
export type EmergencyService = z.output<typeof EmergencyService>;

/** What a plan of emergency access says. Whether it holds is another matter: that is audited, and shown. */
export const emergencyTerms = {
  responders: distinctList(Responder, NAMED_MAX, (item) => item.person),
  /** The most responders with immediate access: as few as will do. */
  immediateMax: z.int().min(1).max(ASKED_MAX),
  /** How often credentials are handed out anew. */
  provisionEveryEpochs: Epochs,
  /** The longest outage that is planned for. */
  longestOutageEpochs: Epochs,
  regions: distinctList(Region, NAMED_MAX, (item) => item.region),
  ways: distinctList(EmergencyWay, NAMED_MAX, (item) => item.way),
  services: distinctList(EmergencyService, EMERGENCY_SERVICES_MAX, (item) => item.service),
};

/** The terms by themselves, as they are read back. */
export const EmergencyTerms = z.strictObject(emergencyTerms);
export type EmergencyTerms = z.output<typeof EmergencyTerms>;

/** What is wrong with a plan. */
export const EmergencyGapCode = z.enum([
  "UNDECLARED_SERVICE",
  "FAILS_TOGETHER",
  "NO_WAY_OF_KIND",
  "CREDENTIAL_TOO_SHORT",
  "CREDENTIAL_ENDS_IN_OUTAGE",
  "PROVISIONING_OVERDUE",
  "REGION_WITHOUT_RESPONDER",
  "NO_REGION_BEGINS_ALONE",
  "TOO_MANY_IMMEDIATE",
]);
export type EmergencyGapCode = z.infer<typeof EmergencyGapCode>;

/** Which real use of the emergency path an exercise was. */
export const ExerciseHow = z.enum(["OFFLINE_SIGN_IN", "APPROVAL_SIGNATURE"]);
export type ExerciseHow = z.infer<typeof ExerciseHow>;

/** How ready somebody is, as far as real use shows. */
export const ReadinessState = z.enum([
  "READY",
  "NEVER_EXERCISED",
  "NOT_SINCE_PROVISIONED",
  "CREDENTIAL_ENDED",
  "CREDENTIAL_REVOKED",
  "NOT_IN_PLAN",
]);
export type ReadinessState = z.infer<typeof ReadinessState>;

/** How many epochs pass between two exercises of one person that are recorded: uses in between say nothing new. */
export const EXERCISE_EVERY_EPOCHS = 10n;

/** How a lane asks for exercises: how old the last may be, and whether a packet is held for want of one. */
export const ExercisePolicy = z
  .strictObject({ maxAgeEpochs: Epochs, holds: z.boolean() })
  .refine(({ maxAgeEpochs }) => maxAgeEpochs >= EXERCISE_EVERY_EPOCHS, {
    path: ["maxAgeEpochs"],
    message: `must be at least ${EXERCISE_EVERY_EPOCHS}: exercises are not recorded more often`,
  });
export type ExercisePolicy = z.output<typeof ExercisePolicy>;
