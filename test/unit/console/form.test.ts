import { describe, expect, it } from "vitest";
import { describeKinds, findAdapter } from "../../../src/channel/adapters/index.ts";
import { formsOf, missingIn, typedOf, valuesOf, wordsOf } from "../../../src/console/form.ts";

function kind(name: string) {
  const found = describeKinds().find((one) => one.kind === name);
  if (found === undefined) throw new Error(`no kind ${name}`);
  return found;
}

describe("the form that connects a channel", () => {
  it("asks for what the kind's schema says, with its words", () => {
    const [fields = []] = formsOf(kind("amazon").settings);
    expect(fields.find(({ name }) => name === "region")).toMatchObject({
      kind: "choice",
      options: ["na", "eu", "fe"],
      isRequired: true,
    });
    expect(fields.find(({ name }) => name === "waitSeconds")).toMatchObject({
      kind: "number",
      isRequired: false,
    });
    expect(missingIn(fields, { region: "eu", sellerId: " " })).toEqual(["sellerId", "marketplaceId"]);
    expect(wordsOf("awsAccessKeyId")).toBe("AWS access key ID");
  });

  it("offers each way to sign in", () => {
    const ways = formsOf(kind("medusa").credentials).map((fields) => fields.map(({ name }) => name));
    expect(ways).toEqual([["secretApiKey"], ["email", "password"]]);
    expect(formsOf(kind("webhook").credentials)).toEqual([[]]);
  });

  it("sends what was typed as the kind wants it, and shows it the same way again", () => {
    const [fields = []] = formsOf(kind("woocommerce").settings);
    const typed = {
      url: " https://shop.example ",
      batchMax: "20",
      soldStatuses: "packed, on-hold,",
      shippedStatuses: "",
    };
    const settings = valuesOf(fields, typed);
    expect(settings).toEqual({
      url: "https://shop.example",
      batchMax: 20,
      soldStatuses: ["packed", "on-hold"],
    });
    expect(findAdapter("woocommerce")?.checkSettings(settings, { allowPrivateHosts: true })).toEqual([]);
    expect(valuesOf(fields, typedOf(settings))).toEqual(settings);
    // What is wrong with it is the API's to say, at the field.
    expect(valuesOf(fields, { batchMax: "many" })).toEqual({ batchMax: "many" });
  });
});
