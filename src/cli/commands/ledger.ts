import type { Command } from "commander";
import type { EventType, LedgerItem } from "../../client/index.ts";
import { eventTypes, isEventType } from "../../protocol/event-types.ts";
import { UsageError } from "../exit-codes.ts";
import { onService, type Session, type Stage } from "../on-service.ts";
import { integer } from "../values.ts";
import { ledgerRow, ledgerTable } from "../views.ts";

interface LedgerOptions {
  readonly type?: string;
  readonly channel?: string;
  readonly reference?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly follow?: true;
}

const examples = `
Examples:
  stockwire ledger TEE-BLK-M
  stockwire ledger --type adjusted --from 2026-11-23T00:00:00Z --limit 1000 --json
  stockwire ledger --follow`;

export function addLedger(program: Command, stage: Stage): void {
  const ledger = program
    .command("ledger [sku]")
    .description("what happened, newest first")
    .option("--type <type>", `one of ${eventTypes.join(", ")}`)
    .option("--channel <id>", "of this channel")
    .option("--reference <text>", "with this reference")
    .option("--from <time>", "recorded then or later, as in 2026-11-23T09:00:00Z")
    .option("--to <time>", "recorded before then")
    .option("--limit <n>", "at most so many", integer(1, 1_000_000_000), 50)
    .option("--follow", "every event from now on, oldest first, until Ctrl-C")
    .addHelpText("after", examples);
  onService<[string | undefined], LedgerOptions>(ledger, stage, async (session, [sku], options) =>
    options.follow === true ? follow(session, sku) : list(session, sku, options),
  );
}

async function list(session: Session, sku: string | undefined, options: LedgerOptions): Promise<void> {
  const { type, limit, channel, reference, from, to } = options;
  const filter = { sku, type: typeOf(type), channel, reference, from, to, limit: Math.min(limit, 500) };
  const items: LedgerItem[] = [];
  for await (const item of session.client.ledger.list(filter)) {
    items.push(item);
    if (session.isJson) session.io.out(JSON.stringify(item));
    if (items.length === limit) break;
  }
  if (!session.isJson) session.io.out(ledgerTable(items));
}

async function follow(session: Session, sku: string | undefined): Promise<void> {
  const { client, io } = session;
  try {
    for await (const { events } of client.ledger.follow({ signal: io.signal })) {
      for (const event of events) {
        if (sku === undefined || event.subject === sku)
          session.show(event, () => ledgerRow(event).join("  "));
      }
    }
  } catch (error) {
    // Ctrl-C is how one stops following.
    if (!io.signal.aborted) throw error;
  }
}

function typeOf(text: string | undefined): EventType | undefined {
  if (text === undefined || isEventType(text)) return text;
  throw new UsageError(`--type is one of ${eventTypes.join(", ")}`);
}
