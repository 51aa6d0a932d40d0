import { ChannelReceiver, type ReceiverOptions } from "./channel-receiver.ts";
import type { StockwireClient } from "../client/index.ts";

/** Starts a receiver and registers it with the service as a channel that lists every SKU. */
export async function signUp(
  client: StockwireClient,
  options: ReceiverOptions & { readonly batch: number },
): Promise<ChannelReceiver> {
  const receiver = await ChannelReceiver.start(options);
  try {
    const settings = { url: receiver.url, batch: options.batch };
    const config = { kind: "webhook", settings, listings: "all" } as const;
    const { signingSecret } = await client.channels.put(options.id, config);
    if (signingSecret === undefined)
      throw new Error(`channel ${options.id} existed already: its secret is shown only once`);
    receiver.useSecret(signingSecret);
    return receiver;
  } catch (error) {
    await receiver.stop();
    throw error;
  }
}
