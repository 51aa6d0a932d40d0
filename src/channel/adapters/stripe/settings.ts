import { z } from "zod";

export const StripeSettings = z.strictObject({
  account: z
    .string()
    .regex(/^acct_[A-Za-z0-9]{1,64}$/, "account must be a Stripe account id, as in acct_1032D82eZvKYlo2C")
    .optional()
    .meta({
      description: "Your Stripe account: hooks for another one are refused",
      example: "acct_1032D82eZvKYlo2C",
    }),
  livemode: z
    .boolean()
    .optional()
    .meta({ description: "false: takes the hooks of a sandbox, and no others. Unless told, only live ones" }),
});
export type StripeSettings = z.infer<typeof StripeSettings>;

const secret = z.string().min(8).max(256);

export const StripeCredentials = z
  .strictObject({
    hookSecret: secret.meta({ description: "Signing secret of the hooks, as in whsec_..." }),
    webhookSecret: secret
      .optional()
      .meta({ description: "Signing secret of an event destination for checkout.session.expired" }),
  })
  .transform(({ hookSecret, webhookSecret }): Record<string, string> => {
    return { hookSecret, ...(webhookSecret !== undefined && { webhookSecret }) };
  });
