import { z } from "zod";

/** Where a Vendure shop is, and which of its stock locations is ours. */
export const VendureSettings = z.strictObject({
  url: z.string().max(2048).meta({
    description: "The address of the Admin API",
    example: "https://shop.example/admin-api",
  }),
  stockLocationId: z
    .string()
    .min(1)
    .max(128)
    .meta({ description: "The stock location that is told", example: "1" }),
  channelToken: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .meta({ description: "Token of the Vendure channel; the default channel without it" }),
  pollSeconds: z
    .int()
    .min(1)
    .max(3600)
    .optional()
    .meta({ description: "How often orders are asked for, in seconds; 1 without it" }),
});
export type VendureSettings = z.infer<typeof VendureSettings>;

/** An API key, or an administrator's name and password. */
export const VendureCredentials = z.union(
  [
    z.strictObject({ apiKey: z.string().min(1).meta({ description: "A key made with `createApiKey`" }) }),
    z.strictObject({
      username: z.string().min(1).meta({ description: "An administrator's identifier" }),
      password: z.string().min(1),
    }),
  ],
  { error: "give either `apiKey`, or `username` and `password`" },
);
