import type { SkuChannelView } from "../../protocol/channel.ts";
import { announce } from "../announce.ts";
import { ask, path } from "../api.ts";
import { useCell } from "../cell.ts";
import { clock } from "../clock.ts";
import { count, duration } from "../format.ts";
import { lagOf, standingOf } from "../listing.ts";
import { Ago } from "../parts/ago.tsx";
import { Empty, Failure, Loading } from "../parts/states.tsx";
import { Mark } from "../parts/status.tsx";
import { Table } from "../parts/table.tsx";
import { addressOf } from "../route.ts";
import type { Resource } from "../resource.ts";
import { useAction } from "../use-action.ts";

interface Props {
  readonly sku: string;
  readonly channels: Resource<{ readonly items: readonly SkuChannelView[] }>;
}

/** What each channel was told about the SKU, and how far behind it is. */
export function SkuChannels({ sku, channels }: Props) {
  const { value, error, reload } = channels;
  if (value === undefined) {
    if (error !== undefined) return <Failure error={error} retry={reload} />;
    return <Loading rows={2} label="Loading channels" />;
  }
  if (value.items.length === 0) {
    return (
      <Empty title="No channel yet">
        <p>
          <a href="#/connect">Connect a channel</a>, and it is told about every change.
        </p>
      </Empty>
    );
  }
  return (
    <Table label="Where each channel stands">
      <thead>
        <tr>
          <th scope="col">Channel</th>
          <th scope="col">State</th>
          <th scope="col" class="number">
            Shows
          </th>
          <th scope="col" class="number">
            Version
          </th>
          <th scope="col" class="number">
            Lag
          </th>
          <th scope="col">Told</th>
        </tr>
      </thead>
      <tbody>
        {value.items.map((channel) => (
          <Row key={channel.channel} sku={sku} channel={channel} reload={reload} />
        ))}
      </tbody>
    </Table>
  );
}

function Row({ sku, channel, reload }: { sku: string; channel: SkuChannelView; reload: () => void }) {
  const nowMs = useCell(clock);
  const { listing } = channel;
  const { tone, words } = standingOf(channel);
  const lagMs = listing === undefined ? undefined : lagOf(listing, nowMs);
  return (
    <>
      <tr>
        <th scope="row">
          <a href={addressOf(["channels", channel.channel])}>{channel.channel}</a>
        </th>
        <td>
          <Mark tone={tone}>{words}</Mark>
        </td>
        <td class="number strong">
          {listing?.published === undefined ? "" : count(listing.published.quantity)}
        </td>
        <td class="number">
          {listing?.published?.version}
          {listing?.wanted !== undefined && listing.published?.version !== listing.wanted.version && (
            <span class="muted"> of {listing.wanted.version}</span>
          )}
        </td>
        <td class="number">{lagMs === undefined ? "" : duration(lagMs)}</td>
        <td>{listing?.published !== undefined && <Ago at={listing.published.at} />}</td>
      </tr>
      {listing?.state === "failed" && <Refusal sku={sku} channel={channel} reload={reload} />}
    </>
  );
}

function Refusal({ sku, channel, reload }: { sku: string; channel: SkuChannelView; reload: () => void }) {
  const action = useAction();
  const retry = () =>
    action.run(async () => {
      await ask(path`/v1/channels/${channel.channel}/listings/${sku}/retry`, { method: "POST" });
      announce(`${channel.channel} is told again.`);
      reload();
    });
  return (
    <tr class="row-note">
      <td colSpan={6}>
        <p class="notice notice-danger">
          <span>{action.error?.message ?? channel.listing?.failure?.detail}</span>
          <button type="button" disabled={action.isRunning} onClick={() => void retry()}>
            Tell it again
          </button>
        </p>
      </td>
    </tr>
  );
}
