import fc from "fast-check";
import { expect, test } from "vitest";
import { activeReservations } from "../../../src/stock/reservations.ts";
import type { Reservation } from "../../../src/stock/state.ts";
import { histories, run } from "./history.ts";

test("pages of a SKU's reservations have each of them once, those that expire first at first", () => {
  fc.assert(
    fc.property(histories, fc.integer({ min: 1, max: 3 }), (steps, limit) => {
      const state = run(steps, () => undefined);
      const seen: Reservation[] = [];
      for (;;) {
        const page = activeReservations(state, { after: seen.at(-1), limit });
        seen.push(...page);
        if (page.length < limit) break;
      }
      expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
      expect(seen.length).toBe(state.reservations.size);
      const times = seen.map(({ expiresAtMs }) => expiresAtMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }),
  );
});
