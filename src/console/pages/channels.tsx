import type { ChannelStatusView } from "../../protocol/channel.ts";
import { ask } from "../api.ts";
import { healthOf } from "../channel/health.ts";
import { count, duration } from "../format.ts";
import { Ago } from "../parts/ago.tsx";
import { Empty, Failure, Loading, Stale } from "../parts/states.tsx";
import { Mark } from "../parts/status.tsx";
import { Table } from "../parts/table.tsx";
import { useResource } from "../resource.ts";
import { addressOf } from "../route.ts";

const everyMs = 3_000;

/** All channels, and how each is doing. */
export function Page() {
  const { value, error, reload } = useResource(
    "channels",
    (signal) => ask<{ items: ChannelStatusView[] }>("/v1/channels", { signal }),
    everyMs,
  );
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>Channels</h1>
        <div class="page-head-actions">
          <a class="button primary" href="#/connect">
            Connect a channel
          </a>
        </div>
      </div>
      {value === undefined ? (
        error === undefined ? (
          <Loading rows={4} label="Loading channels" />
        ) : (
          <Failure error={error} retry={reload} />
        )
      ) : value.items.length === 0 ? (
        <Empty title="No channel yet">
          <p>
            A channel is a place where you sell: a shop, a marketplace, or any system that takes a webhook.
            Connected, it is told about every change of stock within half a second.
          </p>
          <a class="button primary" href="#/connect">
            Connect a channel
          </a>
        </Empty>
      ) : (
        <>
          <Stale error={error} retry={reload} />
          <List channels={value.items} />
        </>
      )}
    </section>
  );
}

function List({ channels }: { channels: readonly ChannelStatusView[] }) {
  return (
    <div class="panel">
      <Table label="Channels">
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col">Kind</th>
            <th scope="col">Health</th>
            <th scope="col" class="number">
              Waiting
            </th>
            <th scope="col" class="number">
              Refused
            </th>
            <th scope="col" class="number">
              Drift
            </th>
            <th scope="col" class="number">
              p50
            </th>
            <th scope="col" class="number">
              p95
            </th>
            <th scope="col" class="number">
              p99
            </th>
            <th scope="col">Last told</th>
          </tr>
        </thead>
        <tbody>
          {channels.map((channel) => (
            <Row key={channel.id} channel={channel} />
          ))}
        </tbody>
      </Table>
      <p class="hint">p50, p95, p99: how long recent changes took to be confirmed by the channel.</p>
    </div>
  );
}

function Row({ channel }: { channel: ChannelStatusView }) {
  const { id, kind, due, failed, drift, lag, lastSuccessAt } = channel;
  const { tone, words } = healthOf(channel);
  return (
    <tr>
      <th scope="row">
        <a href={addressOf(["channels", id])}>{id}</a>
      </th>
      <td>{kind}</td>
      <td>
        <Mark tone={tone}>{words}</Mark>
      </td>
      <td class="number">{count(due)}</td>
      <td class={failed > 0 ? "number danger-text" : "number"}>{count(failed)}</td>
      <td class="number">{count(drift.open)}</td>
      {[lag?.p50Ms, lag?.p95Ms, lag?.p99Ms].map((ms, index) => (
        <td key={index} class="number">
          {ms === undefined ? "" : duration(ms)}
        </td>
      ))}
      <td>{lastSuccessAt === undefined ? "never" : <Ago at={lastSuccessAt} />}</td>
    </tr>
  );
}
