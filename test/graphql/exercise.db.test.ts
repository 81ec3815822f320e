import { beforeAll, describe, expect, test } from "vitest";
import { readHeader } from "#ledger/document.ts";
import { readGateStatement } from "#proof/gateStatement.ts";
import { sha256Hex } from "#proof/digest.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { OLGA, PIA } from "../workflow/cast.ts";
import { type Opened, approvalOf, openReady } from "../workflow/trains.ts";
import { bearerOf, served } from "./served.ts";

const server = served(freshDatabase());
let real: Opened;
let drill: Opened;

/** The same train, prepared alike: only that one of them is practice tells them apart. */
beforeAll(async () => {
  const enclaves = ["north", "south"] as const;
  real = await openReady(server.desk, "twin", { enclaves });
  drill = await openReady(server.desk, "twin", { enclaves, exercise: true });
});

async function answered(query: string, variables: object = {}) {
  const { data, errors } = await server.ask(PIA, query, variables);
  expect(errors).toEqual([]);
  return data ?? {};
}

interface GateTold {
  readonly status: string;
  readonly exercise: boolean;
  readonly statement: string | null;
}

async function gateOf({ packet }: Opened): Promise<GateTold> {
  const asked = "query ($id: UUID!) { gate(packet: $id) { status exercise statement } }";
  return (await answered(asked, { id: packet }))["gate"] as GateTold;
}

describe("rule 2.3: an exercise cannot be taken for real", () => {
  test("by its digest, which covers that it is one", async () => {
    const revision = await server.desk.ledger.revision(drill.packet, drill.revision);
    const header = Buffer.from(revision?.header ?? []);
    expect(readHeader(header).exercise).toBe(true);
    expect(sha256Hex(header)).toBe(drill.digest);
    const passed = header.toString("utf8").replace('"exercise":true', '"exercise":false');
    expect(sha256Hex(Buffer.from(passed))).not.toBe(drill.digest);
    expect(real.digest).not.toBe(drill.digest);
  });

  test("by a label of a hold, which leads nowhere in the other", async () => {
    const query =
      "query ($id: UUID!) { packet(packet: $id) { exercise holds(first: 50) { nodes { code label } } } }";
    const [one, other] = await Promise.all(
      [real, drill].map((on) => answered(query, { id: on.packet })),
    );
    type Told = { exercise: boolean; holds: { nodes: { code: string; label: string }[] } };
    const [held, drilled] = [one?.["packet"] as Told, other?.["packet"] as Told];
    expect([held.exercise, drilled.exercise]).toEqual([false, true]);
    const codesOf = ({ holds }: Told): string[] => holds.nodes.map(({ code }) => code).toSorted();
    expect(codesOf(held)).toEqual(codesOf(drilled));
    const labels = new Set(held.holds.nodes.map(({ label }) => label));
    expect(drilled.holds.nodes.filter(({ label }) => labels.has(label))).toEqual([]);
  });

  test.each(["full", "shared"])(
    "by its %s export, which says so on its first line",
    async (form) => {
      const response = await fetch(`${server.url}/bundle/${drill.packet}?form=${form}`, {
        headers: { authorization: bearerOf(PIA) },
      });
      const [start = ""] = (await response.text()).split("\n");
      expect(JSON.parse(start)).toMatchObject({ packet: drill.packet, exercise: true });
    },
  );

  test("by a page of a list: whoever asks for what is real is given no other", async () => {
    const query =
      "query ($exercise: Boolean) { packets(first: 9, filter: { exercise: $exercise }) { nodes { packet exercise } } }";
    expect(await answered(query, { exercise: false })).toEqual({
      packets: { nodes: [{ packet: real.packet, exercise: false }] },
    });
    expect(await answered(query, { exercise: true })).toEqual({
      packets: { nodes: [{ packet: drill.packet, exercise: true }] },
    });
  });

  test("by what is signed, which names a namespace of its own", async () => {
    const query = `query ($input: ApprovalPrepareInput!) { approvalStatement(input: $input) {
      ... on ApprovalStatement { exercise namespace command text } } }`;
    const statements = await Promise.all(
      [real, drill].map(({ packet, revision, digest }) =>
        answered(query, { input: { packet, revision, digest, decision: "APPROVE" } }),
      ),
    );
    expect(statements).toMatchObject([
      { approvalStatement: { exercise: false, namespace: "approval@holdfast" } },
      {
        approvalStatement: {
          exercise: true,
          namespace: "exercise@holdfast",
          command: "ssh-keygen -Y sign -f KEY -n exercise@holdfast FILE",
          text: expect.stringContaining('"exercise":true') as string,
        },
      },
    ]);
  });

  test("by the gate: it opens for practice, says so under its signature, and the real one stays CLOSED", async () => {
    const approve = `mutation ($input: PacketApproveInput!) { packetApprove(input: $input) { __typename } }`;
    const approved = await server.ask(OLGA, approve, { input: approvalOf(drill) });
    expect(approved.data).toEqual({ packetApprove: { __typename: "PacketApprovePayload" } });
    const gate = await gateOf(drill);
    expect(gate).toMatchObject({ status: "OPEN", exercise: true });
    const [text = ""] = (gate.statement ?? "").split("\n\n");
    expect(readGateStatement(`${text}\n`)).toMatchObject({ packet: drill.packet, exercise: true });
    expect(await gateOf(real)).toEqual({ status: "CLOSED", exercise: false, statement: null });
  });

  test("by its digest under the other's id", async () => {
    const input = { ...approvalOf(drill), packet: real.packet };
    const approve = `mutation ($input: PacketApproveInput!) { packetApprove(input: $input) {
      __typename ... on ApprovalRefused { reasons { code } } } }`;
    const { data } = await server.ask(OLGA, approve, { input });
    expect(data).toMatchObject({ packetApprove: { reasons: [{ code: "DIGEST_UNKNOWN" }] } });
  });
});
