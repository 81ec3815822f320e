/** The most bytes of one request's body: room for a report or a manifest of 10,000 artifacts. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** The most bytes of a body that are taken, and let go, once its request is refused; so of everybody's who is not known. */
export const REFUSED_BODY_BYTES_MAX = 64 * 1024;

/** How long whoever is refused may take to end their request, in milliseconds. */
export const REFUSED_LINGER_MS = 2_000;

/** After how many seconds whoever could not be answered is told to ask again. */
export const AGAIN_SECONDS = 1;

/** The most tokens of one document. */
export const TOKENS_MAX = 4000;

/** The most fields that one document may write, those of all its operations and fragments together. */
export const FIELDS_MAX = 1000;

/** How often one document may ask a field of one name under another name. */
export const ALIASES_MAX = 100;

/** The most directives that one document may write. */
export const DIRECTIVES_MAX = 50;

/** How deep a document may nest brackets of any kind: those of fields, arguments and values together. */
export const NESTING_MAX = 100;

/** How deep a document may nest its fields. */
export const DEPTH_MAX = 16;

/** How many fields, aliases included, one document may select in all. */
export const BREADTH_MAX = 400;

/** How much one document may cost: a field costs 1, a list multiplies what it holds. */
export const COMPLEXITY_MAX = 50_000;

/** How the cost of a document is counted: a list without a page size counts as ten elements. */
export const COMPLEXITY = { defaultComplexity: 1, defaultListMultiplier: 10 };

/** What each object of `nodes` costs beside its fields: it is read by itself. */
export const NODE_COST = 100;

/** How many mutations, aliases included, one document may have. */
export const MUTATIONS_MAX = 10;

/** The most elements of one page. */
export const PAGE_MAX = 500;

/** How many elements a page has when nobody says. */
export const PAGE_DEFAULT = 50;

/** The most errors that one answer lists. */
export const ERRORS_MAX = 5;

/** How many parsed documents are kept. */
export const DOCUMENTS_KEPT = 500;

/** How many characters the texts of parsed documents that are kept may have together: parsed they take a hundred times as much. */
export const DOCUMENT_CHARACTERS_KEPT = 1024 * 1024;

/** The most characters of one document, comments and blanks with it. */
export const DOCUMENT_CHARACTERS_MAX = 64 * 1024;

/** The most bytes of one message on a socket. */
export const MESSAGE_BYTES_MAX = 64 * 1024;

/** How long a new socket may take to introduce itself, in milliseconds. */
export const INTRODUCTION_MS = 3000;

/** The most subscriptions of one socket. */
export const SUBSCRIPTIONS_MAX = 100;

/** The most messages that a socket may send within a second. */
export const MESSAGES_PER_SECOND_MAX = 200;

/**
 * The most messages that the sockets of one principal may send to a node within a minute; a tenth of them
 * may come at once, as from a wall of dashboards that comes back.
 */
export const MESSAGES_OF_PRINCIPAL_PER_MINUTE_MAX = 120_000;

/** How often the other end of a stream is asked whether it is still there, in milliseconds. */
export const KEEP_ALIVE_MS = 12_000;

/** How long a reader may take for one event before it counts as stalled, in milliseconds. */
export const STALLED_MS = 15_000;

/** How long a reader who is behind, and has to be waited for, may go without gaining on what they follow, in milliseconds. */
export const SLOW_MS = 120_000;

/** How often the rights of an open stream are looked at while it has nothing to tell, in milliseconds. */
export const RIGHTS_MS = 500;

/** How long a socket that is closed may take to answer, in milliseconds; then its connection is cut. */
export const CLOSE_MS = 3_000;

/** The most bytes of answers to its messages that a socket may leave untaken. */
export const UNTAKEN_BYTES_MAX = 1024 * 1024;

/** The most bundles that one principal may be sent at once: each judges a whole lineage again. */
export const BUNDLES_OF_PRINCIPAL_MAX = 4;

/** How many bytes of a bundle are sent in one piece. */
export const BUNDLE_PIECE_BYTES = 64 * 1024;

/** The most sockets and streams of one principal; a wall of dashboards may share one. */
export const STREAMS_OF_PRINCIPAL_MAX = 1_000;

/** The most subscriptions of one principal over all their sockets to a node: five for each socket that they may have. */
export const SUBSCRIPTIONS_OF_PRINCIPAL_MAX = 5_000;

/** Of a subscription's message each so many bytes count as one subscription: they are kept for as long as it runs. */
export const SUBSCRIPTION_BYTES = 4 * 1024;

/** The most sockets from one address, where nobody says otherwise: many dashboards may share one. */
export const SOCKETS_OF_ADDRESS_MAX = 5_000;

/** How long the gate's answer is taken to stand when nothing stirs, in milliseconds. */
export const GATE_QUIET_MS = 10_000;

/** How long a gate may take to answer its followers before it counts as unreadable, in milliseconds. */
export const GATE_ANSWER_MS = 5_000;

/** How far apart the beats are in which packets are read for their followers again, in milliseconds. */
export const PRESENT_PAUSE_MS = 100;

/** A follower of a register who is more revisions behind is told the packet anew. */
export const REGISTER_BEHIND_MAX = 1_000n;

/** How many bytes may wait for one reader to take them before it counts as behind. */
export const QUEUE_BYTES_MAX = 64 * 1024;

/** The most bytes of one event: room for several pages of the longest, and little beside what a node can hold. */
export const EVENT_BYTES_MAX = 4 * 1024 * 1024;

/** Bytes of what was told of late, in all streams, that are kept for those who come to the same places. */
export const TOLD_BYTES_KEPT = 32 * 1024 * 1024;
