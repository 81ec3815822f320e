import type { KrlCertificate, KrlKey } from "#proof/krl.ts";

/**
 * What ssh-keygen 9.2 made with `-k` and two `-u`: of the first authority the serial numbers 7,
 * 1000 to 2000, nine from 9001 to 9030, 2^64 - 1, and the key identity "rob"; of every authority
 * the key identity "sam"; a key whole, one by SHA-1 and one by SHA-256.
 */
export const sampleKrl: Uint8Array = Buffer.from(
  [
    "U1NIS1JMCgAAAAABAAAAAAAAACsAAAAAawKldwAAAAAAAAAAAAAAAAAAAAABAAAAiwAAADMAAAALc3NoLWVk",
    "MjU1MTkAAAAga62Qrg2e9Kw+W32houguJxkkG9tLcy4Xd6ju4OYcjckAAAAAIAAAAAgAAAAAAAAAByEAAAAQ",
    "AAAAAAAAA+gAAAAAAAAH0CIAAAAQAAAAAAAAIykAAAAEIEgUTSAAAAAI//////////8jAAAABwAAAANyb2IB",
    "AAAAFAAAAAAAAAAAIwAAAAcAAAADc2FtAgAAADcAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIA8m0aluiGLrpVZ4",
    "4vPPMnMGCYxyvLzanKK1YojNCy3nAwAAABgAAAAUi+TqPQnXVTi4+jEYGELmDQANWSoFAAAAJAAAACBZRhPA",
    "q7HHKg2R4xH3ttE81QkSBQeTRvuXff4r2a3uoQ==",
  ].join(""),
  "base64",
);

/** The keys of the sample: two authorities, and those that are revoked in one way or in none. */
export const sampleKeys = {
  first: keyOf("AAAAC3NzaC1lZDI1NTE5AAAAIGutkK4NnvSsPlt9oaLoLicZJBvbS3MuF3eo7uDmHI3J"),
  second: keyOf(
    [
      "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNMj8QoS4PKGiil3+XngDvMHT3iHCHOC",
      "+6NodgiJthIxrqd9va9kx4TOvFwI2Z/IS7K2bWu2/VHbEWarFhSSNxg=",
    ].join(""),
  ),
  whole: keyOf("AAAAC3NzaC1lZDI1NTE5AAAAIA8m0aluiGLrpVZ44vPPMnMGCYxyvLzanKK1YojNCy3n"),
  bySha1: keyOf("AAAAC3NzaC1lZDI1NTE5AAAAIPKDtgUkU08NldxKws/8f0DqtcprgKHdcMfg1e6TFUej"),
  bySha256: keyOf("AAAAC3NzaC1lZDI1NTE5AAAAINIGndbC7QgCPr5yM6rwi210kJ8nXG8WSQz35HEZ0sSZ"),
  free: keyOf("AAAAC3NzaC1lZDI1NTE5AAAAIGEhxcLhzo/dEAdBy3Lw4sThWoIRLvqY1JQaIIuMi1yC"),
};

/** A certificate of the first authority on the free key, but for what is said otherwise. */
export function certificate(
  serial: bigint,
  keyId: string,
  others: { readonly key?: KrlKey; readonly authority?: KrlKey } = {},
): KrlCertificate {
  const { key = sampleKeys.free, authority = sampleKeys.first } = others;
  return { serial, keyId: Buffer.from(keyId), key, authority };
}

function keyOf(encoded: string): KrlKey {
  return { wire: Buffer.from(encoded, "base64") };
}
