/** The most artifacts of one manifest, and entries of one report. */
export const ARTIFACTS_MAX = 10_000;

/** The most entries of one report on shared subjects. */
export const SHARED_REPORTS_MAX = 1000;

/** The most tokens that one report on shared subjects brings: what needs more comes in several reports. */
export const CHANGE_TOKENS_MAX = 64;

/** The most revisions that one comparison spans. */
export const COMPARED_REVISIONS_MAX = 10_000;

/** The most people of one roster: quorum arithmetic looks at each of them for each shift. */
export const PEOPLE_MAX = 200;

/** The most shifts, and the most NO_SIGNING intervals, of one calendar. */
export const SHIFTS_MAX = 100;

/** The most rollback packages, and components, of one rollback scope. */
export const PACKAGES_MAX = 64;

/** The most publication targets of a scope, and of one artifact. */
export const TARGETS_MAX = 64;

/** The most enclaves, rebuilders or services that one source names. */
export const NAMED_MAX = 64;

/** The most trains that one outage declaration covers. */
export const TRAINS_MAX = 256;

/** The most reporters accepted for one kind. */
export const REPORTERS_MAX = 1000;

/** The most subjects for which one reporter is accepted. */
export const SUBJECTS_MAX = 1000;

/** The most digests that one release or component denies. */
export const DENIED_MAX = 10_000;

/** The most signing keys of one release or component. */
export const KEYS_MAX = 64;

/** The most seats of one role, and the most of anything that a policy asks for. */
export const ASKED_MAX = 100;

/** The most reports of one list that is made ready to be signed: each takes a signature by hand. */
export const PREPARED_REPORTS_MAX = 500;

/** The most keys that the slots of one component can hold. */
export const KEY_SLOTS_MAX = 1024;

/** The most kinds of spare part of one component. */
export const SPARE_PARTS_MAX = 64;

/** The most signatures under one release's metadata. */
export const RELEASE_SIGNATURES_MAX = 8;
/** The most services of one plan of emergency access. */
export const EMERGENCY_SERVICES_MAX = 256;

/** The most lines of network settings of one way in. */
export const NETWORK_SETTINGS_MAX = 64;
