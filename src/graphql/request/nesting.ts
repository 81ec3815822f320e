import { GraphQLError, Lexer, Source, TokenKind, syntaxError } from "graphql";
import { NESTING_MAX, TOKENS_MAX } from "../limits.ts";

const OPENING: ReadonlySet<string> = new Set([
  TokenKind.BRACE_L,
  TokenKind.BRACKET_L,
  TokenKind.PAREN_L,
]);
const CLOSING: ReadonlySet<string> = new Set([
  TokenKind.BRACE_R,
  TokenKind.BRACKET_R,
  TokenKind.PAREN_R,
]);

/**
 * Reads a text token by token before anything that calls itself for each level of it does:
 * the stack would end sooner than the tokens that a document may have.
 *
 * @throws {GraphQLError} for a text that nests too deep, is too long, or has what is no token.
 */
export function requireShallow(text: string): void {
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  for (let tokens = 1; lexer.advance().kind !== TokenKind.EOF; tokens += 1) {
    const { kind, start } = lexer.token;
    if (tokens > TOKENS_MAX) throw new GraphQLError(`a document has at most ${TOKENS_MAX} tokens`);
    if (CLOSING.has(kind)) depth -= 1;
    if (!OPENING.has(kind)) continue;
    depth += 1;
    if (depth > NESTING_MAX) {
      throw syntaxError(lexer.source, start, `nests deeper than ${NESTING_MAX} brackets`);
    }
  }
}
