import { z } from "zod";

/** Where a Medusa shop is, and which of its stock locations is ours. */
export const MedusaSettings = z.strictObject({
  url: z.string().max(2048).meta({
    description: "The address of the Medusa server, without /admin",
    example: "https://shop.example",
  }),
  locationId: z
    .string()
    .min(1)
    .max(128)
    .meta({ description: "The stock location that is told", example: "sloc_01J8ZC" }),
  pollSeconds: z
    .int()
    .min(1)
    .max(3600)
    .optional()
    .meta({ description: "How often orders are asked for, in seconds; 1 without it" }),
});
export type MedusaSettings = z.infer<typeof MedusaSettings>;

/** A secret API key, or a user's email and password. */
export const MedusaCredentials = z.union(
  [
    z.strictObject({ secretApiKey: z.string().min(1).meta({ description: "A secret API key, `sk_...`" }) }),
    z.strictObject({
      email: z.string().min(1).meta({ description: "An admin user's email" }),
      password: z.string().min(1),
    }),
  ],
  { error: "give either `secretApiKey`, or `email` and `password`" },
);
