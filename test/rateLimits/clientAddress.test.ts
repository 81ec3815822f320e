import { describe, expect, test } from "vitest";
import { ClientAddress, isNetwork, networkOf } from "#rateLimits/clientAddress.ts";

function from(remoteAddress: string | undefined, forwarded?: string | string[]) {
  return { socket: { remoteAddress }, headers: { "x-forwarded-for": forwarded } };
}

describe("where a request comes from", () => {
  const behind = new ClientAddress(["10.0.0.0/8", "fd00::/8", "192.0.2.9"]);

  test.each([
    [
      "of a peer that is no proxy is the peer's",
      from("198.51.100.7", "203.0.113.1"),
      "198.51.100.7",
    ],
    ["of a proxy is whom it names", from("10.1.2.3", "203.0.113.1"), "203.0.113.1"],
    [
      "is not what a client wrote itself before the proxy did",
      from("10.1.2.3", "192.168.0.1, 203.0.113.1"),
      "203.0.113.1",
    ],
    [
      "is read through several proxies, over several headers",
      from("10.1.2.3", ["203.0.113.1, 192.0.2.9", "10.9.9.9"]),
      "203.0.113.1",
    ],
    ["of a proxy that names nobody is the proxy's", from("10.1.2.3"), "10.1.2.3"],
    ["of a proxy that names no address is the proxy's", from("10.1.2.3", "evil"), "10.1.2.3"],
    ["with a port is none", from("10.1.2.3", "203.0.113.1:80"), "10.1.2.3"],
    ["of version 6 is known too", from("fd00::1", "2001:DB8::7"), "2001:db8::7"],
    [
      "of version 4 on a socket of version 6 is of version 4",
      from("::ffff:10.1.2.3", "1.2.3.4"),
      "1.2.3.4",
    ],
    ["of a link has no zone", from("fe80::1%eth0"), "fe80::1"],
    ["of a peer who has left is unknown", from(undefined, "203.0.113.1"), "unknown"],
  ])("%s", (_what, request, address) => {
    expect(behind.of(request)).toBe(address);
  });

  test("is the peer's where no proxy is trusted", () => {
    expect(new ClientAddress([]).of(from("127.0.0.1", "203.0.113.1"))).toBe("127.0.0.1");
  });

  test("is found at once in a header that is nothing but proxies", () => {
    const long = Array.from({ length: 1_000 }, () => "10.0.0.1").join(",");
    expect(behind.of(from("10.0.0.2", long))).toBe("10.0.0.1");
  });
});

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["unknown", "unknown"],
])("%s is of the network %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test.each(["10.0.0.7", "10.0.0.0/8", "0.0.0.0/0", "fd00::/8", "::1"])("%s is a network", (text) => {
  expect(isNetwork(text)).toBe(true);
});

test.each([
  "",
  "10.0.0",
  "10.0.0.0/33",
  "10.0.0.0/08",
  "10.0.0.0/8/8",
  "fd00::/129",
  "proxy.example",
])("'%s' is no network", (text) => {
  expect(isNetwork(text)).toBe(false);
});
