/** The part of npm's content cache that the rehearsal reads, and that its test writes. */
declare module "cacache" {
  interface Held {
    /** In bytes. */
    readonly size: number;
  }

  interface Cacache {
    readonly get: {
      /** Looks for the content of a Subresource Integrity text; false when the cache lacks it. */
      hasContent(cache: string, integrity: string): Promise<Held | false>;
      readonly stream: {
        /** The content; fails with `EINTEGRITY` when its bytes are not those that were put. */
        byDigest(cache: string, integrity: string): AsyncIterable<Uint8Array>;
      };
    };
    /** Puts content under a key and resolves to its Subresource Integrity text. */
    put(
      cache: string,
      key: string,
      data: Uint8Array,
      options: { readonly algorithms: readonly string[] },
    ): Promise<{ toString(): string }>;
  }

  const cacache: Cacache;
  export default cacache;
}
