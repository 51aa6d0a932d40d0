import type { ChannelStatusView } from "../../protocol/channel.ts";
import type { KeptFactView } from "../../protocol/inbound.ts";
import { announce } from "../announce.ts";
import { ask, path } from "../api.ts";
import { count, units } from "../format.ts";
import { Ago } from "../parts/ago.tsx";
import { Empty, Failure, Loading, Stale } from "../parts/states.tsx";
import { Mark } from "../parts/status.tsx";
import { Table } from "../parts/table.tsx";
import { useResource } from "../resource.ts";
import { addressOf } from "../route.ts";
import { useAction } from "../use-action.ts";

const everyMs = 3_000;
const factWords = { order: "Order", "order-hint": "Order to look up", level: "Level" };

/** What the channel told: how much of it came in, and what of it is not applied. */
export function Inbox({ status, changed }: { status: ChannelStatusView; changed: () => void }) {
  const { id, inbound } = status;
  const { value, error, reload } = useResource(
    id,
    (signal) =>
      ask<{ items: KeptFactView[] }>(path`/v1/channels/${id}/inbox`, { query: { limit: 100 }, signal }),
    everyMs,
  );
  if (value === undefined) {
    if (error !== undefined) return <Failure error={error} retry={reload} />;
    return <Loading rows={4} label="Loading the inbox" />;
  }
  return (
    <>
      <Stale error={error} retry={reload} />
      <p class="hint">
        {units(inbound.accepted, "fact")} came in since the channel was loaded, {count(inbound.applied)} were
        applied, {count(inbound.duplicates)} came twice, {count(inbound.forged)} had a wrong signature,{" "}
        {count(inbound.malformed)} could not be understood. Order lines whose SKU nobody knows are under{" "}
        <a href={addressOf(["unmatched"], { channel: id })}>unmatched orders</a>.
      </p>
      {value.items.length === 0 ? (
        <Empty title="Nothing waits">
          <p>All that the channel told is applied.</p>
        </Empty>
      ) : (
        <Table label="Facts that are not applied">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">State</th>
              <th scope="col">Came</th>
              <th scope="col">Why</th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {value.items.map((fact) => (
              <Fact
                key={fact.seq}
                id={id}
                fact={fact}
                changed={() => {
                  reload();
                  changed();
                }}
              />
            ))}
          </tbody>
        </Table>
      )}
    </>
  );
}

function Fact({ id, fact, changed }: { id: string; fact: KeptFactView; changed: () => void }) {
  const action = useAction();
  const orderId = fact.fact["orderId"];
  const replay = () =>
    action.run(async () => {
      await ask(path`/v1/channels/${id}/inbox/replay`, { method: "POST", query: { seq: fact.seq } });
      announce("It is tried again.");
      changed();
    });
  return (
    <tr>
      <th scope="row">
        {factWords[fact.fact.type]} {typeof orderId === "string" ? orderId : ""}
      </th>
      <td>
        <Mark tone={fact.state === "parked" ? "danger" : "warning"}>
          {fact.state === "parked" ? "Parked" : "Waiting"}
        </Mark>
      </td>
      <td>
        <Ago at={fact.receivedAt} />
      </td>
      <td class="wide">{action.error?.message ?? fact.detail}</td>
      <td class="row-actions">
        {fact.state === "parked" && (
          <button type="button" disabled={action.isRunning} onClick={() => void replay()}>
            Try again
          </button>
        )}
      </td>
    </tr>
  );
}
