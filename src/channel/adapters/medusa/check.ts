import { z } from "zod";
import type { Finding } from "../../kit/adapter.ts";
import type { ApiFailure } from "../../kit/api-failure.ts";
import { ask, type MedusaContext } from "./client.ts";

const Locations = z.looseObject({
  stock_locations: z.array(z.looseObject({ id: z.string(), name: z.string() })),
});
const anything = z.looseObject({});

const reachable = "The Admin API answers";
const accepted = "The credentials are accepted";

/** Looks at everything the channel needs. Stops where the rest could only fail as well. */
export async function check(context: MedusaContext): Promise<Finding[]> {
  const query = [["limit", "1"]] as const;
  const items = await ask(context, { method: "GET", path: "admin/inventory-items", query }, anything);
  if (items.outcome === "failed" && items.reason !== "permission") return connectionFindings(context, items);
  const orders = await ask(context, { method: "GET", path: "admin/orders", query }, anything);
  // Changes nothing: there is nothing to change in it.
  const path = "admin/inventory-items/location-levels/batch";
  const writing = await ask(context, { method: "POST", path, body: { create: [], update: [] } }, anything);
  const all = [["limit", "1000"]] as const;
  const locations = await ask(
    context,
    { method: "GET", path: "admin/stock-locations", query: all },
    Locations,
  );
  return [
    ok(reachable),
    ok(accepted),
    finding("Inventory may be read", items),
    finding("Inventory levels may be set", writing),
    finding("Orders may be read", orders),
    locations.outcome === "ok"
      ? locationFinding(context, locations.value.stock_locations)
      : finding("Stock locations may be read", locations),
  ];
}

function connectionFindings({ settings, credentials }: MedusaContext, failure: ApiFailure): Finding[] {
  const { reason, detail } = failure;
  if (reason === "credentials") {
    const advice =
      credentials["secretApiKey"] === undefined
        ? `${detail}. See whether \`email\` and \`password\` are those of an admin user.`
        : `${detail}. Make a secret API key under Settings > Secret API Keys, and store it as \`secretApiKey\`; a publishable key will not do.`;
    return [ok(reachable), missing(accepted, advice)];
  }
  const advice = `${detail}. See whether ${settings.url} is the address of the Medusa server, without /admin or /app at its end.`;
  return [missing(reachable, advice)];
}

function finding(what: string, answer: { readonly outcome: "ok" } | ApiFailure): Finding {
  if (answer.outcome === "ok") return ok(what);
  const { reason, detail } = answer;
  const advice = reason === "permission" ? `${detail}. Give the user or key a role that allows it.` : detail;
  return missing(what, advice);
}

function locationFinding(
  { settings }: MedusaContext,
  locations: readonly { readonly id: string; readonly name: string }[],
): Finding {
  const what = `The stock location ${settings.locationId} exists`;
  if (locations.some(({ id }) => id === settings.locationId)) return ok(what);
  const known = locations.map(({ id, name }) => `${id} (${name})`).join(", ");
  return missing(what, `Set \`locationId\` to one of: ${known === "" ? "none is there yet" : known}.`);
}

function ok(what: string): Finding {
  return { isOk: true, check: what };
}

function missing(what: string, advice: string): Finding {
  return { isOk: false, check: what, advice };
}
