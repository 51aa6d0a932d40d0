import { describe, expect, it } from "vitest";
import { z } from "zod";
import { channelKinds, describeKinds, findAdapter } from "../../../../src/channel/adapters/index.ts";

/** Parts of JSON Schema that a form can be made of. */
const Plain = z.union([
  z.looseObject({ type: z.literal("string"), description: z.string() }),
  z.looseObject({ type: z.literal("integer"), description: z.string() }),
  z.looseObject({ type: z.literal("boolean"), description: z.string() }),
  z.looseObject({
    type: z.literal("array"),
    items: z.looseObject({ type: z.literal("string") }),
    description: z.string(),
  }),
]);
const Form = z.looseObject({
  type: z.literal("object"),
  properties: z.record(z.string(), Plain),
  required: z.array(z.string()).default([]),
});

describe("the kinds of channels, as they describe themselves", () => {
  it.each(describeKinds())("$kind: settings are plain fields, each with a word about it", ({ settings }) => {
    expect(Form.safeParse(settings).error).toBeUndefined();
  });

  it.each(describeKinds())("$kind: what is required is refused without it", ({ kind, settings }) => {
    const { required } = Form.parse(settings);
    const issues = findAdapter(kind)?.checkSettings({}, { allowPrivateHosts: false }) ?? [];
    expect(issues.map(({ pointer }) => pointer).sort()).toEqual(required.map((n) => `/settings/${n}`).sort());
  });

  it("are all there", () => {
    expect(describeKinds().map(({ kind }) => kind)).toEqual(channelKinds);
  });
});
