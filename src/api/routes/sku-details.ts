import { createRoute, z } from "@hono/zod-openapi";
import { ledgerOf } from "../../ledger/bindings.ts";
import { listChannels } from "../../ledger/channels.ts";
import { placeOf, toPage } from "../../ledger/page.ts";
import { HoldView } from "../../protocol/answers.ts";
import { SkuChannelView } from "../../protocol/channel.ts";
import { limits } from "../../protocol/limits.ts";
import { Sku } from "../../protocol/primitives.ts";
import type { Reservation } from "../../stock/state.ts";
import { jsonAnswer, newRouter, problems } from "../../http/openapi.ts";

/** What surrounds one SKU: who holds units of it, and what each channel shows. */
export const skuDetails = newRouter();

const params = z.object({ sku: Sku });

skuDetails.openapi(
  createRoute({
    method: "get",
    path: "/v1/skus/{sku}/reservations",
    tags: ["Reservations"],
    summary: "Reservations of a SKU that have not ended, those that expire first at first",
    description:
      "From the SKU's object, so it is what holds now. Of a reservation of several SKUs, its share.",
    request: {
      params,
      query: z.object({
        cursor: z.string().optional(),
        limit: z.coerce.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
      }),
    },
    responses: {
      200: jsonAnswer(
        "A page of holds; none if the SKU is unknown",
        z.object({ items: z.array(HoldView), nextCursor: z.string().optional() }),
      ),
      ...problems(),
    },
  }),
  async (c) => {
    const { cursor, limit } = c.req.valid("query");
    const place = placeOf(cursor, 2);
    const after = place && { expiresAtMs: Number(place[0]), id: String(place[1]) };
    const object = c.env.SKU.getByName(c.req.valid("param").sku);
    const found: Reservation[] = await object.reservations({ after, limit: limit + 1 });
    const page = toPage(found, limit, ({ expiresAtMs, id }) => [expiresAtMs, id]);
    return c.json({ ...page, items: page.items.map(holdView) }, 200);
  },
);

skuDetails.openapi(
  createRoute({
    method: "get",
    path: "/v1/skus/{sku}/channels",
    tags: ["Channels"],
    summary: "Where each channel stands with a SKU: what it shows, and of which version",
    request: { params },
    responses: {
      200: jsonAnswer("All channels", z.object({ items: z.array(SkuChannelView) })),
      ...problems(),
    },
  }),
  async (c) => {
    const { sku } = c.req.valid("param");
    const ids = await listChannels(ledgerOf(c.env).first);
    const shown = await Promise.all(ids.map((id) => c.env.CHANNEL.getByName(id).shown(sku)));
    const items = shown.flatMap((one): SkuChannelView[] => {
      if (one.outcome === "refused") return [];
      const { id, kind, state } = one.channel;
      return [{ channel: id, kind, state, ...(one.listing !== undefined && { listing: one.listing }) }];
    });
    return c.json({ items }, 200);
  },
);

function holdView({ id, quantity, taken, expiresAtMs, channel, reference }: Reservation): HoldView {
  return {
    id,
    quantity,
    taken: [...taken],
    expiresAt: new Date(expiresAtMs).toISOString(),
    ...(channel !== undefined && { channel }),
    ...(reference !== undefined && { reference }),
  };
}
