import {
  type Accent,
  type Paper,
  accented,
  clipped,
  listed,
  shortSubject,
  wrapped,
} from "./style.ts";
import type {
  AheadTold,
  DesignTold,
  EndTold,
  GateTold,
  HoldChange,
  HoldName,
  MeasureTold,
  PreviewTold,
  QuorumTold,
  RevisionTold,
  StageTold,
  Tell,
  Told,
  VerdictTold,
} from "./told.ts";

const INDENT = 4;
const CHANGE_INDENT = 6;

/** More subjects than this are listed briefly: without digests, and only as many as one line holds. */
const FEW = 3;

/** Tells people: the register as it changes, on a plain terminal of 80 to 100 columns. */
export function terminalTeller(write: (text: string) => void, paper: Paper): Tell {
  return (told) => write(`${linesOf(paper, told).join("\n")}\n`);
}

/** One thing told as lines, none longer than the paper is wide. */
function linesOf(paper: Paper, told: Told): string[] {
  switch (told.line) {
    case "opening":
      return told.tells.flatMap((text) => wrapped(paper, 0, text));
    case "stage":
      return stageLines(paper, told);
    case "done":
      return wrapped(paper, INDENT, `${told.by}: ${told.tells}`);
    case "refused":
      return wrapped(
        paper,
        INDENT,
        `${told.by}: ${told.wish} REFUSED (${told.code}): ${told.message}`,
      );
    case "revision":
      return revisionLines(paper, told);
    case "time":
      return [
        accented(paper, "quiet", `    ... time passes: epoch ${told.from} to ${told.to} ...`),
      ];
    case "still":
      return [
        accented(
          paper,
          "quiet",
          `    ... time passes, as long as ${counted(told.epochs, "epoch", "epochs")}; the epoch stays ${told.epoch} ...`,
        ),
      ];
    case "ahead":
      return aheadLines(paper, told);
    case "quorum":
      return quorumLines(paper, told);
    case "preview":
      return previewLines(paper, told);
    case "gate":
      return gateLines(paper, told);
    case "verdict":
      return verdictLines(paper, told);
    case "measure":
      return measureLines(paper, told);
    case "design":
      return designLines(paper, told);
    case "end":
      return endLines(paper, told);
  }
}

function stageLines(paper: Paper, { stage, title, tells, epoch }: StageTold): string[] {
  const left = `== ${stage}. ${title} `;
  const right = ` epoch ${epoch}`;
  const heading = left + "=".repeat(Math.max(2, paper.width - left.length - right.length)) + right;
  return ["", accented(paper, "heading", heading), ...wrapped(paper, INDENT, tells)];
}

function revisionLines(paper: Paper, told: RevisionTold): string[] {
  const { revision, status, standing, words, cause, by, open, advisories, asExpected } = told;
  const approval = standing === null ? "" : `, approval ${standing}`;
  const head = `revision ${revision}: ${status}${approval}`;
  const total = open.reduce((sum, { count }) => sum + count, 0);
  const register = total === 0 ? "0 open" : `${total} open: ${countsTold(open)}`;
  const beside = advisories.length === 0 ? "" : `; advisories: ${countsTold(advisories)}`;
  return [
    "",
    " ".repeat(INDENT) + accented(paper, "heading", head),
    accented(
      paper,
      "quiet",
      clipped(`      ${cause} by ${by}; digest "${words.join(" ")} ..."`, paper.width),
    ),
    ...changeLines(paper, told),
    ...wrapped(paper, CHANGE_INDENT, `register: ${register}${beside}`),
    ...(asExpected ? [] : [accented(paper, "bad", "      this is not what was expected")]),
  ];
}

function countsTold(counts: readonly { readonly code: string; readonly count: number }[]): string {
  return counts.map(({ code, count }) => `${code} ${count}`).join(", ");
}

/** The changed holds, one line a code: `+` opened, `-` cleared, `~` out of scope. */
function changeLines(paper: Paper, change: HoldChange): string[] {
  const lines = [
    ...codeLines(paper, "+", "opened", change.opened),
    ...codeLines(paper, "-", "cleared", change.cleared),
    ...codeLines(paper, "~", "left", change.outOfScope),
  ];
  return lines.length > 0 ? lines : ["      = no hold opened, none ended"];
}

function codeLines(
  paper: Paper,
  sign: string,
  accent: Accent,
  holds: readonly HoldName[],
): string[] {
  const byCode = new Map<string, string[]>();
  for (const { code, subject } of holds) {
    byCode.set(code, [...(byCode.get(code) ?? []), subject]);
  }
  return [...byCode].flatMap(([code, subjects]) => {
    const count = subjects.length === 1 ? "" : ` x${subjects.length}`;
    const head = `${sign} ${code}${count}`;
    const margin = " ".repeat(CHANGE_INDENT);
    const room = paper.width - CHANGE_INDENT - head.length - 2;
    const [first, ...others] = subjectLines(subjects, room);
    const lines = others.map((line) => clipped(`${margin}  ${line}`, paper.width));
    return [`${margin}${accented(paper, accent, head)}  ${first}`.trimEnd(), ...lines];
  });
}

/** A few subjects in full, on lines of their own if the first line has no room; of many the first names. */
function subjectLines(subjects: readonly string[], room: number): string[] {
  const isBrief = subjects.length > FEW;
  const shown = subjects.map((subject) => shortSubject(subject, isBrief));
  const joined = shown.join(", ");
  if (joined.length <= room) return [joined];
  if (isBrief) return [listed(shown, room)];
  return (shown[0]?.length ?? 0) <= room ? shown : ["", ...shown];
}

function aheadLines(paper: Paper, { ready, epoch, why, renew }: AheadTold): string[] {
  const now = ready ? "ready now; not ready" : "next change";
  const renewal =
    renew === 0 ? "" : `; to renew before then: ${counted(renew, "entry", "entries")}`;
  return wrapped(paper, INDENT, `${now} from epoch ${epoch}: ${why}${renewal}`);
}

function quorumLines(paper: Paper, { shifts }: QuorumTold): string[] {
  return shifts.flatMap(({ shift, people, absencesSurvived, breakingAbsences }) => {
    const bears =
      absencesSurvived < 0
        ? "cannot fill its seats"
        : `survives ${counted(absencesSurvived, "absence", "absences")}`;
    const breaking =
      breakingAbsences.length === 0
        ? ""
        : `; any of these would break it: ${breakingAbsences.join(", ")}`;
    return wrapped(paper, INDENT, `shift ${shift}: ${people} people count, it ${bears}${breaking}`);
  });
}

function previewLines(paper: Paper, told: PreviewTold): string[] {
  const { change, status, standingBefore, standingAfter } = told;
  const approval =
    standingBefore === standingAfter ? "" : `, approval ${standingBefore} -> ${standingAfter}`;
  const text = `previewed, not recorded: ${change} would make it ${status}${approval}`;
  return [...wrapped(paper, INDENT, text), ...changeLines(paper, told)];
}

function gateLines(paper: Paper, told: GateTold): string[] {
  const isOpen = told.status === "OPEN";
  const reasons = isOpen
    ? `valid through epoch ${told.validThroughEpoch}`
    : told.reasons.join(", ");
  const text = `the gate says ${told.status} at epoch ${told.epoch}: ${reasons}`;
  return [" ".repeat(INDENT) + accented(paper, isOpen ? "good" : "left", text)];
}

function verdictLines(paper: Paper, { asExpected, faults }: VerdictTold): string[] {
  if (asExpected) return [accented(paper, "good", "    as expected")];
  const lines = faults.flatMap((fault) => wrapped(paper, INDENT, `NOT AS EXPECTED: ${fault}`));
  return lines.map((line) => accented(paper, "bad", line));
}

function measureLines(paper: Paper, { rule, name, tells }: MeasureTold): string[] {
  const heading = wrapped(paper, 0, `${rule} ${name}`);
  return [
    "",
    ...heading.map((line) => accented(paper, "heading", line)),
    ...wrapped(paper, INDENT, tells),
  ];
}

/** The document itself, its lines wrapped where they are too long. */
function designLines(paper: Paper, { epoch, digest, markdown }: DesignTold): string[] {
  const heading = `The recovery design document at epoch ${epoch}, SHA-256 ${digest.slice(0, 16)}...:`;
  return [
    "",
    accented(paper, "heading", heading),
    "",
    ...markdown.split("\n").flatMap((line) => {
      const text = line.trimStart();
      return text === "" ? [""] : wrapped(paper, line.length - text.length, text);
    }),
  ];
}

function endLines(paper: Paper, { stages, asExpected, seconds }: EndTold): string[] {
  const time = `${seconds.toFixed(1)} s`;
  const text = asExpected
    ? `${stages} stages as expected in ${time}. The product stops here.`
    : `Stage ${stages} did not go as expected: the rehearsal ends here, after ${time}.`;
  return ["", accented(paper, asExpected ? "good" : "bad", text)];
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
