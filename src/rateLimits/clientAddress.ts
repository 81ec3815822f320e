import { BlockList, isIP } from "node:net";
import { FORWARDED_MAX } from "./limits.ts";

/** What is looked at of a request. */
export interface AddressedRequest {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** An address that is not known, such as that of a peer who has left already. */
const UNKNOWN = "unknown";

/** True for an address, or a network as an address, a slash and the length of its prefix. */
export function isNetwork(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^(?:0|[1-9][0-9]{0,2})$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}

/**
 * Where requests come from: the peer of the connection, unless that is a proxy which is trusted
 * to say for whom it asks. X-Forwarded-For is read from its end for as long as whoever wrote the
 * entry is trusted, so that what a client writes there itself is never believed.
 */
export class ClientAddress {
  readonly #trusted = new BlockList();

  /** `trusted` are the proxies, each as {@link isNetwork} reads it. */
  constructor(trusted: readonly string[]) {
    for (const network of trusted) {
      const [address = "", prefix] = network.split("/");
      const family = isIP(address) === 6 ? "ipv6" : "ipv4";
      if (prefix === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(prefix), family);
    }
  }

  /** An IP address in its plain form, or `unknown`. */
  of({ socket, headers }: AddressedRequest): string {
    let address = plain(socket.remoteAddress ?? "");
    const { "x-forwarded-for": told = [] } = headers;
    const entries = [told].flat().join(",").split(",").slice(-FORWARDED_MAX);
    while (address !== UNKNOWN && this.#isTrusted(address)) {
      const next = plain(entries.pop()?.trim() ?? "");
      if (next === UNKNOWN) break;
      address = next;
    }
    return address;
  }

  #isTrusted(address: string): boolean {
    return this.#trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  }
}

/** The network that one client is likely to have all of: an address of version 4, a /64 of version 6. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail = ""] = address.split("::", 2);
  const groups = (part: string): string[] => part.split(":").filter((group) => group !== "");
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array.from({ length: missing }, () => "0"), ...groups(tail)];
  const prefix = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${prefix.join(":")}::/64`;
}

/** Version 4 as such also where a socket of version 6 has it, and without the zone of an interface. */
function plain(address: string): string {
  const bare = address.replace(/%.*$/, "").replace(/^::ffff:(?=[0-9.]+$)/i, "");
  return isIP(bare) === 0 ? UNKNOWN : bare.toLowerCase();
}
