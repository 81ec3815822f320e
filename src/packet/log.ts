/**
 * Where the rooms report what an operator should know. Fields are names, ids, numbers and
 * digests; tokens, bodies and notes of people never go in. A fault goes in as `err`.
 */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
