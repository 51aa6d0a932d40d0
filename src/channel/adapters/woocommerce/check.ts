import { z } from "zod";
import type { Finding } from "../../kit/adapter.ts";
import { type Problem, request, type WooContext } from "./client.ts";
import { shopUrl } from "./settings.ts";
import { BatchAnswer, Setting } from "./shapes.ts";
import { findWebhooks, neededTopics } from "./webhooks.ts";

const Anything = z.array(z.looseObject({}));
const keysPage = "WooCommerce > Settings > Advanced > REST API";

/** Looks at everything the channel needs, and changes nothing. Stops where the rest could only fail as well. */
export async function checkShop(context: WooContext): Promise<Finding[]> {
  const reached = await request(
    context,
    { method: "GET", path: "products", query: { per_page: "1", _fields: "id" } },
    Anything,
  );
  if (!reached.isOk) return [connectionFinding(context, reached.problem)];
  return [
    ok("The shop's REST API takes the key"),
    await writing(context),
    await ordersReadable(context),
    await stockManagement(context),
    ...(await webhookFindings(context)),
  ];
}

function connectionFinding(context: WooContext, problem: Problem): Finding {
  const { status, code, detail } = problem;
  const shop = shopUrl(context.settings);
  if (status === undefined) {
    return missing(
      "The shop can be reached",
      `${detail}. See whether ${shop} opens in a browser, and \`url\` is its address.`,
    );
  }
  if (status === 401 || status === 403) return keyFinding(problem);
  const check = "The shop's REST API is there";
  if (status === 404 && code === "rest_no_route") {
    return missing(check, `${detail}. Activate the WooCommerce plugin, version 5.8 or newer.`);
  }
  if (status === 404) {
    return missing(
      check,
      `${detail}. In WordPress, choose anything but Plain under Settings > Permalinks, and save.`,
    );
  }
  return missing(
    check,
    `${detail}. ${shop}/wp-json/wc/v3/products must answer with JSON; see whether a firewall or a maintenance page is in front of it.`,
  );
}

function keyFinding({ code, detail }: Problem): Finding {
  const check = "The shop's REST API takes the key";
  if (code === "woocommerce_rest_authentication_error") {
    return missing(
      check,
      `${detail}. Make a key under ${keysPage} and store its two parts as \`consumerKey\` and \`consumerSecret\`.`,
    );
  }
  if (code === "woocommerce_rest_cannot_view") {
    return missing(
      check,
      `${detail}. Either the key's user may not see products (it must be a shop manager or administrator), or the web server drops the Authorization header (with Apache: SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1).`,
    );
  }
  return missing(
    check,
    `${detail}. A firewall or security plugin seems to refuse the request: let /wp-json/wc/v3/ through.`,
  );
}

/** An empty batch needs all that a full one needs. */
async function writing(context: WooContext): Promise<Finding> {
  const check = "The key may write";
  const batch = { method: "POST", path: "products/batch", body: { update: [] } } as const;
  const result = await request(context, batch, z.union([BatchAnswer, z.array(z.unknown())]));
  if (result.isOk) return ok(check);
  return missing(
    check,
    `${result.problem.detail}. The key needs the permission Read/Write under ${keysPage}.`,
  );
}

async function ordersReadable(context: WooContext): Promise<Finding> {
  const check = "The key may read orders";
  const result = await request(
    context,
    { method: "GET", path: "orders", query: { per_page: "1", _fields: "id" } },
    Anything,
  );
  if (result.isOk) return ok(check);
  return missing(check, `${result.problem.detail}. The key's user must be a shop manager or administrator.`);
}

async function stockManagement(context: WooContext): Promise<Finding> {
  const check = "The shop manages stock";
  const path = "settings/products/woocommerce_manage_stock";
  const result = await request(context, { method: "GET", path }, Setting);
  if (!result.isOk) {
    return missing(
      check,
      `${result.problem.detail}. The key's user must be a shop manager or administrator to see this setting.`,
    );
  }
  if (result.value.value === "yes") return ok(check);
  return missing(check, "Turn on WooCommerce > Settings > Products > Inventory > Enable stock management.");
}

async function webhookFindings(context: WooContext): Promise<Finding[]> {
  const secret = "The channel can verify webhooks";
  const secretFinding =
    context.credentials["webhookSecret"] === undefined
      ? missing(
          secret,
          "Store the webhooks' secret as the credential `webhookSecret`. Until then orders are asked for once a minute.",
        )
      : ok(secret);
  const found = await findWebhooks(context);
  if (!found.isOk) {
    return [
      secretFinding,
      missing(
        "Webhooks lead here",
        `${found.problem.detail}. The key's user must be a shop manager or administrator.`,
      ),
    ];
  }
  const findings = neededTopics.map((topic): Finding => {
    const check = `A webhook for ${topic} leads here and is active`;
    const own = found.value.filter((webhook) => webhook.topic === topic);
    if (own.some(({ status }) => status === "active")) return ok(check);
    const [first] = own;
    if (first === undefined) {
      return missing(
        check,
        `Add one under WooCommerce > Settings > Advanced > Webhooks: topic ${topic}, delivery URL https://<this service>/v1/channels/${context.channel}/inbound, API version 3. Until then orders are asked for once a minute.`,
      );
    }
    const why =
      first.status === "disabled"
        ? "WooCommerce turned it off after failed deliveries; within 10 minutes it is turned on again, if the key may write"
        : "somebody has paused it; set it to Active";
    return missing(check, `Webhook ${first.id} is ${first.status}: ${why}.`);
  });
  return [secretFinding, ...findings];
}

function ok(check: string): Finding {
  return { isOk: true, check };
}

function missing(check: string, advice: string): Finding {
  return { isOk: false, check, advice };
}
