import type { Cloud } from "../cloud/cloud.ts";
import type { ObjectRecord } from "../cloud/instance.ts";
import type { Books } from "./books.ts";
import type { Report } from "./violation.ts";

/** Steps of a reservation that somebody must finish. */
const unfinished: ReadonlySet<string> = new Set(["extending", "committing", "releasing"]);

/** Checks, when all is quiet, that nobody still waits for something that will not come. */
export function checkLeftovers(cloud: Cloud, books: Books, report: Report): void {
  const left = (what: string) => report("nothing is left undone", what);
  if (!cloud.queue.isEmpty) left("messages are on the queue");
  for (const record of cloud.objects.of("SkuObject")) {
    const { epoch, version } = books.of(record.name).position;
    if (version === 0) continue;
    const [head] = record.disk.query("SELECT confirmed_epoch, confirmed_version FROM head WHERE part = 0");
    if (head?.["confirmed_epoch"] === epoch && head["confirmed_version"] === version) continue;
    left(`${record.name} is at ${epoch}.${version}, and confirmed is ${JSON.stringify(head)}`);
  }
  for (const record of cloud.objects.of("OrderObject")) {
    const pending = countOf(record, "pending");
    if (pending > 0) left(`${record.label} has ${pending} orders whose SKUs have not answered`);
  }
  for (const record of cloud.objects.of("ReservationObject")) {
    if (!hasTable(record, "reservations")) continue;
    for (const { id, content } of record.disk.query("SELECT id, content FROM reservations")) {
      const { stage, expiresAtMs } = JSON.parse(String(content)) as { stage: string; expiresAtMs: number };
      const isOverdue = stage === "active" && expiresAtMs < cloud.timeline.nowMs - 60_000;
      if (isOverdue || unfinished.has(stage)) left(`reservation ${String(id)} is ${stage}`);
    }
  }
  for (const record of cloud.objects.of("ChannelObject")) {
    const waiting = countOf(record, "inbox");
    if (waiting > 0) left(`${record.label} has ${waiting} facts that are not applied`);
  }
  for (const record of cloud.objects.of("ShardObject")) checkShard(cloud, books, record, left);
}

/** A shard knows of all that it was granted, and its SKU of all that was sold or given back. */
function checkShard(cloud: Cloud, books: Books, record: ObjectRecord, left: (what: string) => void): void {
  if (!hasTable(record, "head")) return;
  const [shard = "", ...sku] = record.name.split("/");
  const [head] = record.disk.query("SELECT state FROM head");
  if (head === undefined) return;
  const { grants, isAsking } = JSON.parse(String(head["state"])) as {
    grants: { quantity: number }[];
    isAsking: boolean;
  };
  const granted = grants.reduce((units, { quantity }) => units + quantity, 0);
  const reserved = books.of(sku.join("/")).grantedTo(Number(shard));
  if (granted !== reserved) left(`${record.label} has ${granted} units, and ${reserved} are reserved for it`);
  if (isAsking) left(`${record.label} has no answer to its ask`);
  for (const row of record.disk.query("SELECT hold FROM open_holds")) {
    const { id, status, expiresAtMs } = JSON.parse(String(row["hold"])) as {
      id: string;
      status: string;
      expiresAtMs: number;
    };
    const isOverdue = status === "active" && expiresAtMs < cloud.timeline.nowMs - 60_000;
    if (isOverdue || status === "committing") left(`hold ${id} is ${status}`);
  }
}

function countOf(record: ObjectRecord, table: string): number {
  if (!hasTable(record, table)) return 0;
  return Number(record.disk.query(`SELECT count(*) AS found FROM ${table}`)[0]?.["found"]);
}

function hasTable({ disk }: ObjectRecord, table: string): boolean {
  return disk.query("SELECT 1 FROM sqlite_master WHERE name = ?", table).length > 0;
}
