import { decideBind } from "#gate/decide/packet.ts";
import { PacketBind } from "#packet/wish.ts";
import { packetVerb } from "./packetVerb.ts";

/** Binds the packet anew to accepted versions of its bound sources. */
export const packetBind = packetVerb("packetBind", PacketBind, (head, { bindings }) =>
  decideBind(head, bindings),
);
