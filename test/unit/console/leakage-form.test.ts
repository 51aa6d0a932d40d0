import { describe, expect, it } from "vitest";
import { leakageRequestOf, typedStandard } from "../../../src/console/leakage-form.ts";
import { computeLeakage } from "../../../src/lab/leakage.ts";

describe("the form of the leakage calculator", () => {
  it("asks about the reference case until somebody types another", () => {
    const { request, faults } = leakageRequestOf(typedStandard);
    expect(faults).toEqual({});
    expect(request).toEqual({
      dailyOrders: 500,
      syncIntervalMinutes: 15,
      averageOrderValue: 1_500,
      oversellRate: 0.02,
      customerLifetimeValue: 8_000,
      churnRate: 0.3,
    });
    expect(request && computeLeakage(request).dailyLeakage).toBe(37_440);
  });

  it("takes numbers as people write them, and percent exactly", () => {
    const typed = { ...typedStandard, averageOrderValue: " 1,500.50 ", oversellRate: "0.7", currency: "eur" };
    expect(leakageRequestOf(typed).request).toMatchObject({
      averageOrderValue: 1_500.5,
      oversellRate: 0.007,
      currency: "EUR",
    });
  });

  it("says what is wrong with each field, in its own unit", () => {
    const { request, faults } = leakageRequestOf({
      ...typedStandard,
      dailyOrders: "1,5",
      syncIntervalMinutes: "",
      churnRate: "130",
      currency: "euro",
    });
    expect(request).toBeUndefined();
    expect(faults).toEqual({
      dailyOrders: "a number is wanted, such as 1500 or 2.5",
      syncIntervalMinutes: "a number is wanted, such as 1500 or 2.5",
      churnRate: "a share is from 0 to 100 %",
      currency: "a currency is three capital letters (ISO 4217), such as EUR",
    });
  });
});
