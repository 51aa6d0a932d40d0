import { spread } from "../lab/spread.ts";
import type { ChannelStatusView, LagSample } from "../protocol/channel.ts";
import { ask, path } from "./api.ts";
import type { MeasuredHere } from "./row-here.ts";

/** At most so many channels are asked; each keeps its last 1,000 publications. */
const channelsMax = 20;

/** Asks the channels of this service what they did lately. */
export async function measureHere(signal: AbortSignal): Promise<MeasuredHere> {
  const { items } = await ask<{ items: ChannelStatusView[] }>("/v1/channels", { signal });
  const lags = await Promise.all(
    items
      .filter(({ lag }) => lag !== undefined)
      .slice(0, channelsMax)
      .map(({ id }) => ask<{ items: LagSample[] }>(path`/v1/channels/${id}/lag`, { signal })),
  );
  const samples = lags.flatMap((one) => one.items.map(({ lagMs }) => lagMs));
  return { channels: lags.filter((one) => one.items.length > 0).length, latency: spread(samples) };
}
