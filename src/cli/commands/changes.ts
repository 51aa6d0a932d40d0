import type { Command } from "commander";
import type { MutationAnswer, Reason } from "../../client/index.ts";
import { limits } from "../../protocol/limits.ts";
import { Reason as ReasonSchema } from "../../protocol/primitives.ts";
import { UsageError } from "../exit-codes.ts";
import { onService, type Session, type Stage } from "../on-service.ts";
import { integer } from "../values.ts";
import { pairs, stockTable } from "../views.ts";

const units = integer(-limits.quantityMax, limits.quantityMax);
const stockUnits = integer(0, limits.quantityMax);

interface ChangeOptions {
  readonly location?: string;
  readonly reference?: string;
  readonly note?: string;
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
}

function changeOptions(command: Command): Command {
  return command
    .option("--location <name>", "where (default)")
    .option("--reference <text>", "a document number of yours")
    .option("--note <text>", "for people")
    .option("--if-match <position>", "only if the SKU is still there, as in k3v9.42")
    .option("--idempotency-key <key>", "repeat with the same one: nothing is done twice");
}

export function addChanges(program: Command, stage: Stage): void {
  const adjust = changeOptions(
    program
      .command("adjust")
      .argument("<sku>")
      .argument("<delta>", "units more, or less if negative", units)
      .description("change on hand by a number of units; refused beyond what is available")
      .requiredOption("--reason <reason>", ReasonSchema.options.join(", ")),
  ).addHelpText("after", "\nExample: stockwire adjust TEE-BLK-M -1 --reason sold --reference POS-8812");
  onService<[string, number], ChangeOptions & { readonly reason: string }>(
    adjust,
    stage,
    async (session, [sku, delta], options) => {
      const { location, reference, note } = options;
      const adjustment = { delta, reason: reasonOf(options.reason), location, reference, note };
      showChange(session, await session.client.stock.adjust(sku, adjustment, guards(options)));
    },
  );

  const count = changeOptions(
    program
      .command("count")
      .argument("<sku>")
      .argument("<on-hand>", "units that are there", stockUnits)
      .description("say what is there: stands whatever was recorded before; creates the SKU if it is new"),
  ).addHelpText("after", "\nExample: stockwire count TEE-BLK-M 20 --location default");
  onService<[string, number], ChangeOptions>(count, stage, async (session, [sku, onHand], options) => {
    const { location, reference, note, ifMatch = "*", idempotencyKey } = options;
    const body = { onHand, location, reference, note, ifMatch };
    showChange(session, await session.client.stock.count(sku, body, { idempotencyKey }));
  });
}

export function addReservations(program: Command, stage: Stage): void {
  const reserve = program
    .command("reserve")
    .argument("<sku>")
    .argument("<quantity>")
    .argument("[more...]", "further SKUs and quantities: all are held, or none")
    .description("hold units for a buyer; prints the reservation's id")
    .option("--ttl <seconds>", "how long", integer(1, limits.reservationTtlSecondsMax), 600)
    .option("--channel <id>", "for whom")
    .option("--reference <text>", "a document number of yours")
    .option("--idempotency-key <key>", "repeat with the same one: nothing is held twice")
    .addHelpText("after", "\nExample: stockwire reserve TEE-BLK-M 2 MUG 1 --ttl 900");
  onService<[string, string, string[]], ReserveOptions>(
    reserve,
    stage,
    async (session, [sku, quantity, more], { ttl, channel, reference, idempotencyKey }) => {
      const lines = linesOf([sku, quantity, ...more]);
      const request = { lines, ttlSeconds: ttl, channel, reference };
      const held = await session.client.reservations.create(request, { idempotencyKey });
      session.show(held, () => `${held.id}\nheld until ${held.expiresAt ?? ""}`);
    },
  );

  const commit = program
    .command("commit <reservation>")
    .description("turn a reservation into an order")
    .option("--channel <id>", "where it was made (direct)")
    .option("--order <id>", "its number there (the reservation's id)");
  onService<[string], { readonly channel?: string; readonly order?: string }>(
    commit,
    stage,
    async (session, [id], { channel, order }) => {
      const done = await session.client.reservations.commit(id, { channel, orderId: order });
      session.show(done, () => pairs({ status: done.status, channel: done.channel, order: done.orderId }));
    },
  );

  const release = program.command("release <reservation>").description("give a reservation's units back");
  onService<[string]>(release, stage, async (session, [id]) => {
    const done = await session.client.reservations.release(id);
    session.show(done, () => done.status);
  });
}

interface ReserveOptions {
  readonly ttl: number;
  readonly channel?: string;
  readonly reference?: string;
  readonly idempotencyKey?: string;
}

function showChange(session: Session, answer: MutationAnswer): void {
  session.show(answer, () => stockTable([answer.stock]));
}

function guards({ ifMatch, idempotencyKey }: ChangeOptions) {
  return { ifMatch, idempotencyKey };
}

function reasonOf(text: string): Reason {
  const { data } = ReasonSchema.safeParse(text);
  if (data === undefined) throw new UsageError(`--reason is one of ${ReasonSchema.options.join(", ")}`);
  return data;
}

/** Pairs of SKU and quantity, as they were typed. */
function linesOf(words: readonly string[]): { sku: string; quantity: number }[] {
  if (words.length % 2 !== 0) throw new UsageError("name a quantity for each SKU: reserve TEE-BLK-M 2 MUG 1");
  const read = integer(1, limits.quantityMax);
  return words.flatMap((sku, index) =>
    index % 2 === 1 ? [] : [{ sku, quantity: read(words[index + 1] ?? "") }],
  );
}
