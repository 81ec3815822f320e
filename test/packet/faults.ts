import type { z } from "zod";

/** Where the faults of an input are, each path once; none for an input that is read. */
export function faultsOf(schema: z.ZodType, input: unknown): string[] {
  const issues = schema.safeParse(input).error?.issues ?? [];
  return [...new Set(issues.map(({ path }) => path.join(".")))];
}

/** What is said about an input. */
export function wordsAbout(schema: z.ZodType, input: unknown): string {
  const issues = schema.safeParse(input).error?.issues ?? [];
  return issues.map(({ message }) => message).join("; ");
}

export function sha256(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}

/** So many different names. */
export function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
