import { z } from "zod";
import type { Finding } from "../../kit/adapter.ts";
import type { ApiFailure } from "../../kit/api-failure.ts";
import { ask, type Document, type VendureContext } from "./client.ts";

const Locations = z.object({
  stockLocations: z.object({ items: z.array(z.looseObject({ id: z.string(), name: z.string() })) }),
});
const locationsDocument: Document<z.infer<typeof Locations>> = {
  query: "query{stockLocations(options:{take:1000}){items{id name}}}",
  data: Locations,
};
const anything = z.looseObject({});
const variantsDocument: Document<unknown> = {
  query:
    "query{productVariants(options:{take:1}){items{id stockLevels{stockOnHand}}} globalSettings{trackInventory}}",
  data: anything,
};
const ordersDocument: Document<unknown> = {
  query: "query{orders(options:{take:1}){items{id}}}",
  data: anything,
};
/** Changes nothing: there is nothing to change in it. */
const writeDocument: Document<unknown> = {
  query: "mutation{updateProductVariants(input:[]){id}}",
  data: anything,
};

const reachable = "The Admin API answers";
const accepted = "The credentials are accepted";

/** Looks at everything the channel needs. Stops where the rest could only fail as well. */
export async function check(context: VendureContext): Promise<Finding[]> {
  const variants = await ask(context, variantsDocument, {});
  if (variants.outcome === "failed" && variants.reason !== "permission")
    return connectionFindings(context, variants);
  const locations = await ask(context, locationsDocument, {});
  const orders = await ask(context, ordersDocument, {});
  const writing = await ask(context, writeDocument, {});
  const answers = [variants, locations, orders, writing];
  if (answers.every((answer) => answer.outcome === "failed" && answer.reason === "permission")) {
    return [ok(reachable), missing(accepted, whatToDoAboutCredentials(context))];
  }
  return [
    ok(reachable),
    ok(accepted),
    permission("Variants and stock levels may be read", variants, "ReadCatalog or ReadProduct"),
    permission("Stock levels may be set", writing, "UpdateCatalog or UpdateProduct"),
    permission("Orders may be read", orders, "ReadOrder"),
    locations.outcome === "ok"
      ? locationFinding(context, locations.value.stockLocations.items)
      : permission("Stock locations may be read", locations, "ReadStockLocation"),
  ];
}

function connectionFindings({ settings }: VendureContext, failure: ApiFailure): Finding[] {
  if (failure.reason === "credentials") return [ok(reachable), missing(accepted, failure.detail)];
  const advice = `${failure.detail}. See whether ${settings.url} is the address of the Admin API, usually ending in /admin-api.`;
  return [missing(reachable, advice)];
}

function whatToDoAboutCredentials({ credentials }: VendureContext): string {
  return credentials["apiKey"] === undefined
    ? "The shop lets this administrator do nothing: give the administrator a role with the permissions of the documentation."
    : "The shop does not know this API key, or its role may do nothing. Make another with `createApiKey`, and see that 'api-key' is in `authOptions.tokenMethod` of the shop's configuration.";
}

function permission(
  what: string,
  answer: { readonly outcome: "ok" } | ApiFailure,
  permissions: string,
): Finding {
  if (answer.outcome === "ok") return ok(what);
  const advice =
    answer.reason === "permission"
      ? `Add the permission ${permissions} to the role, under Settings > Roles.`
      : answer.detail;
  return missing(what, advice);
}

function locationFinding(
  { settings }: VendureContext,
  locations: readonly { readonly id: string; readonly name: string }[],
): Finding {
  const what = `The stock location ${settings.stockLocationId} exists`;
  if (locations.some(({ id }) => id === settings.stockLocationId)) return ok(what);
  const known = locations.map(({ id, name }) => `${id} (${name})`).join(", ");
  return missing(what, `Set \`stockLocationId\` to one of: ${known === "" ? "none is there yet" : known}.`);
}

function ok(what: string): Finding {
  return { isOk: true, check: what };
}

function missing(what: string, advice: string): Finding {
  return { isOk: false, check: what, advice };
}
