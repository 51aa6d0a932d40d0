import { describe, expect, it } from "vitest";
import { BulkBody } from "../../../src/protocol/bulk.ts";
import { OrderBody, OrderChangeBody, ReservationBody } from "../../../src/protocol/requests.ts";
import { formatReservationId } from "../../../src/stock/reservation-id.ts";

const line = { sku: "A", quantity: 1, strategy: "priority" };

describe("a line that wants its locations by priority", () => {
  it("must name them, wherever lines are taken", () => {
    for (const [schema, body] of [
      [ReservationBody, { lines: [line], ttlSeconds: 60 }],
      [OrderBody, { channel: "web", orderId: "1", lines: [line] }],
      [BulkBody, { items: [{ ...line, type: "reserve", key: "k", ttlSeconds: 60 }] }],
    ] as const) {
      const { error } = schema.safeParse(body);
      expect(error?.issues[0]?.message).toMatch(/locations in the order/);
      expect(error?.issues[0]?.path.at(-1)).toBe("locations");
      const named = JSON.parse(
        JSON.stringify(body).replace(`"priority"`, `"priority","locations":["north"]`),
      );
      expect(schema.safeParse(named).success).toBe(true);
    }
  });
});

it("a line that is called what its reservation is called can be changed, however long the SKU", () => {
  const lineId = formatReservationId("é".repeat(128), 12_345, "n".repeat(22));
  expect(OrderChangeBody.safeParse({ lines: [{ lineId }] }).error).toBeUndefined();
});
