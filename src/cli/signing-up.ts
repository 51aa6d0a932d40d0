import { ChannelReceiver, type ReceiverOptions } from "./channel-receiver.ts";
import type { ServiceClient } from "./service-client.ts";

/** Starts a receiver and registers it with the service as a channel that lists every SKU. */
export async function signUp(
  client: ServiceClient,
  options: ReceiverOptions & { readonly batch: number },
): Promise<ChannelReceiver> {
  const receiver = await ChannelReceiver.start(options);
  try {
    receiver.useSecret(await client.registerChannel(options.id, receiver.url, options.batch));
    return receiver;
  } catch (error) {
    await receiver.stop();
    throw error;
  }
}
