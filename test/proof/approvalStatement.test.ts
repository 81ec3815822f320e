import { describe, expect, test } from "vitest";
import {
  type ApprovalStatement,
  approvalStatementBytes,
  readApprovalStatement,
} from "#proof/approvalStatement.ts";

const NAMED = {
  deployment: "01a1ff9f-f613-75f0-a6ff-9051e6983bf8",
  digest: "ab".repeat(32),
  epoch: 9_007_199_254_740_993n,
  exercise: false,
  packet: "01a1ff9f-f613-75f0-a6ff-9051e6983bf9",
  revision: 7,
};

const STATEMENTS: readonly (readonly [string, ApprovalStatement])[] = [
  ["an approval", { ...NAMED, decision: "APPROVE" }],
  ["a rejection with its reason", { ...NAMED, decision: "REJECT", reason: 'two "bags"?\n' }],
  ["a rejection of before reasons were covered", { ...NAMED, decision: "REJECT" }],
];

describe("a statement about a decision", () => {
  test.each(STATEMENTS)("is read as it was written: %s", (_, statement) => {
    expect(readApprovalStatement(approvalStatementBytes(statement))).toEqual(statement);
  });

  test("has other bytes for each decision, and for each reason", () => {
    const texts = STATEMENTS.map(([, statement]) =>
      Buffer.from(approvalStatementBytes(statement)).toString(),
    );
    const other = approvalStatementBytes({ ...NAMED, decision: "REJECT", reason: "" });
    expect(new Set([...texts, Buffer.from(other).toString()]).size).toBe(4);
  });

  test.each<readonly [string, (text: string) => string]>([
    ["an approval with a reason", (text) => text.replace("REJECT", "APPROVE")],
    ["a reason in the form without one", (text) => text.replace("approval/2", "approval/1")],
    ["a reason that is no text", (text) => text.replace('"why"', "7")],
    ["no reason in the form with one", (text) => text.replace('"reason":"why",', "")],
    ["a member more", (text) => text.replace('"revision"', '"reasons":"why","revision"')],
  ])("is none with %s", (_, change) => {
    const statement: ApprovalStatement = { ...NAMED, decision: "REJECT", reason: "why" };
    const text = Buffer.from(approvalStatementBytes(statement)).toString();
    expect(change(text)).not.toBe(text);
    expect(readApprovalStatement(Buffer.from(change(text)))).toBeNull();
  });
});
