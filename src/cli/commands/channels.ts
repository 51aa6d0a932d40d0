import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import type { Channel, ChannelConfig, Drift, Findings, Listing } from "../../client/index.ts";
import * as schemas from "../../protocol/channel.ts";
import { PublicationRule } from "../../protocol/rule.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import { onService, type Session, type Stage } from "../on-service.ts";
import { pair, plainOrJson } from "../values.ts";
import { channelTable, columns, pairs } from "../views.ts";

interface PutOptions {
  readonly kind?: string;
  readonly setting?: Readonly<Record<string, string>>;
  readonly credential?: Readonly<Record<string, string>>;
  readonly rule?: Readonly<Record<string, string>>;
  readonly listed?: true;
  readonly drift?: string;
  readonly config?: string;
}

const putExamples = `
Examples:
  stockwire channels put web-shop --kind webhook --setting url=https://shop.example/stock --rule buffer=2
  stockwire channels put my-shop --config my-shop.json    what PUT /v1/channels/{id} takes; secrets stay out of the history`;

export function addChannels(program: Command, stage: Stage): void {
  const channels = program.command("channels").description("where the stock is sold");

  onService(channels.command("list").description("how all channels are doing"), stage, async (session) => {
    const all = await session.client.channels.list();
    if (session.isJson) for (const one of all) session.io.out(JSON.stringify(one));
    else session.io.out(channelTable(all));
  });
  onService<[string]>(
    channels.command("show <id>").description("how one channel is doing"),
    stage,
    async (session, [id]) => {
      const status = await session.client.channels.get(id);
      session.show(status, () => pairs(status));
    },
  );

  const put = channels
    .command("put <id>")
    .description("connect a channel, or change how it is set up")
    .option("--kind <kind>", "webhook, shopify, woocommerce, amazon, ebay, medusa or vendure")
    .option("--setting <name=value>", "a setting of that kind; may be repeated", pair)
    .option("--credential <name=value>", "a secret; kept encrypted, never shown; may be repeated", pair)
    .option(
      "--rule <name=number>",
      "buffer, percent, cap or floor: how much it is shown; may be repeated",
      pair,
    )
    .option("--listed", "publish only SKUs that have a listing, not all")
    .option("--drift <policy>", "stockwire, channel or alert: who wins when it shows another number")
    .option("--config <file>", "all of this from a JSON file")
    .addHelpText("after", putExamples);
  onService<[string], PutOptions>(put, stage, async (session, [id], options) => {
    const channel = await session.client.channels.put(id, await configOf(options));
    session.show(channel, () => channelSheet(channel));
  });

  addActions(channels, stage);
  addListings(channels, stage);
}

/** Commands that only name a channel. */
function addActions(channels: Command, stage: Stage): void {
  const action = (
    name: string,
    description: string,
    run: (session: Session, id: string) => Promise<void | 1>,
  ) => {
    const command = channels.command(`${name} <id>`).description(description);
    onService<[string]>(command, stage, async (session, [id]) => run(session, id));
  };
  action("pause", "keep changes, send nothing", async (session, id) => {
    const channel = await session.client.channels.pause(id);
    session.show(channel, () => channelSheet(channel));
  });
  action("resume", "send what has waited", async (session, id) => {
    const channel = await session.client.channels.resume(id);
    session.show(channel, () => channelSheet(channel));
  });
  action("remove", "disconnect it and forget it", async ({ client }, id) => client.channels.remove(id));
  action("test", "what the connection needs, with advice", async (session, id) => {
    const findings = await session.client.channels.test(id);
    session.show(findings, () => findingsText(findings));
    return findings.ok ? undefined : exitCodes.failed;
  });
  action("reconcile", "compare all it shows with what it was told", async (session, id) => {
    const run = await session.client.channels.reconcile(id);
    session.show(run, () => `${run.id} is ${run.state}; see: stockwire channels drift ${id}`);
  });
  action("drift", "what it shows otherwise", async (session, id) => {
    const drift = await session.client.channels.drift(id);
    session.show(drift, () => driftText(drift));
  });
}

function addListings(channels: Command, stage: Stage): void {
  const listings = channels
    .command("listings <id>")
    .description("what it shows, and should show")
    .option("--state <state>", schemas.ListingState.options.join(", "));
  onService<[string], { readonly state?: string }>(listings, stage, async (session, [id], options) => {
    const { data: state } = schemas.ListingState.optional().safeParse(options.state);
    if (state !== options.state)
      throw new UsageError(`--state is one of ${schemas.ListingState.options.join(", ")}`);
    const all = await session.client.channels.listings(id, { state, limit: 500 }).all();
    if (session.isJson) for (const one of all) session.io.out(JSON.stringify(one));
    else session.io.out(listingTable(all));
  });

  const list = channels
    .command("list-sku <id> <sku>")
    .description("what a SKU is called there, and how much of it is shown")
    .option("--external <id>", "the SKU's id there; named ids as name=value, repeated", pairOrId)
    .option("--rule <name=number>", "a rule of its own; may be repeated", pair);
  onService<[string, string], ListOptions>(list, stage, async (session, [id, sku], { external, rule }) => {
    const config = { external, ...(rule !== undefined && { rule: ruleOf(rule) }) };
    const listing = await session.client.channels.putListing(id, sku, config);
    session.show(listing, () => listingTable([listing]));
  });

  onService<[string, string]>(
    channels.command("unlist-sku <id> <sku>").description("take a SKU's own listing away"),
    stage,
    async ({ client }, [id, sku]) => client.channels.removeListing(id, sku),
  );
  onService<[string, string | undefined]>(
    channels.command("retry <id> [sku]").description("try failed listings again: all, or one"),
    stage,
    async (session, [id, sku]) => {
      const answer = await session.client.channels.retry(id, sku);
      session.show(answer, () => `${answer.due} waiting to be published`);
    },
  );
  const imported = channels
    .command("import <id>")
    .description("list the channel's items under the SKUs they name")
    .option("--dry-run", "only look");
  onService<[string], { readonly dryRun?: true }>(imported, stage, async (session, [id], { dryRun }) => {
    const answer = await session.client.channels.importListings(id, { dryRun: dryRun === true });
    session.show(answer, () => pairs({ state: answer.state, items: answer.items, ...answer.counts }));
  });
}

interface ListOptions {
  readonly external?: string | Readonly<Record<string, string>>;
  readonly rule?: Readonly<Record<string, string>>;
}

async function configOf(options: PutOptions): Promise<ChannelConfig> {
  const { kind, setting = {}, credential, rule, listed, drift } = options;
  const settings = Object.fromEntries(
    Object.entries(setting).map(([name, text]) => [name, plainOrJson(text)]),
  );
  const config: unknown =
    options.config !== undefined
      ? JSON.parse(await readFile(options.config, "utf8"))
      : {
          kind,
          settings,
          listings: listed === true ? "listed" : "all",
          drift,
          credentials: credential,
          ...(rule !== undefined && { rule: ruleOf(rule) }),
        };
  const parsed = schemas.ChannelConfig.safeParse(config);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "config"}: ${message}`);
  throw new UsageError(faults.join("; "));
}

function ruleOf(parts: Readonly<Record<string, string>>) {
  const numbers = Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, plainOrJson(text)]));
  const { data } = PublicationRule.safeParse(numbers);
  if (data === undefined)
    throw new UsageError("--rule is buffer, percent, cap or floor with a number, as in buffer=2");
  return data;
}

function pairOrId(text: string, before?: string | Readonly<Record<string, string>>) {
  if (!text.includes("=")) return text;
  return pair(text, typeof before === "object" ? before : {});
}

function channelSheet(channel: Channel): string {
  const { id, kind, state, listings, rule, drift, hasCredentials, signingSecret } = channel;
  const sheet = pairs({ id, kind, state, listings, rule, drift, hasCredentials, settings: channel.settings });
  return signingSecret === undefined ? sheet : `${sheet}\nsigning secret (shown this once): ${signingSecret}`;
}

function findingsText({ findings }: Findings): string {
  return columns(findings.map(({ isOk, check, advice = "" }) => [isOk ? "good" : "NOT GOOD", check, advice]));
}

function driftText({ policy, open }: Drift): string {
  const heading = ["sku", "what", "ours", "theirs", "since", "why"];
  const rows = open.map((one) => [
    one.sku ?? one.title ?? "",
    one.class,
    String(one.ours ?? ""),
    String(one.theirs ?? ""),
    one.since,
    one.reason,
  ]);
  return `policy ${policy}\n${open.length === 0 ? "no drift" : columns([heading, ...rows])}`;
}

function listingTable(listings: readonly Listing[]): string {
  const heading = ["sku", "state", "wanted", "published", "at", "failure"];
  const rows = listings.map(({ sku, state, wanted, published, failure }) => [
    sku,
    state,
    String(wanted?.quantity ?? ""),
    String(published?.quantity ?? ""),
    published?.at ?? "",
    failure?.detail ?? "",
  ]);
  return columns([heading, ...rows]);
}
