import { app } from "./app.ts";
import { reconcileAll } from "./channel/reconciliation/schedule.ts";
import { ledgerOf } from "./ledger/bindings.ts";
import { consumeStockEvents } from "./ledger/consumer.ts";
import { keepDeadLetters } from "./ledger/dead-letters.ts";
import type { StockEventsBatch } from "./protocol/queue.ts";

export { AllowanceObject } from "./allowance/allowance-object.ts";
export { ApprovalObject } from "./channel/approval/approval-object.ts";
export { ChannelObject } from "./channel/channel-object.ts";
export { FeedObject } from "./feed/feed-object.ts";
export { OrderObject } from "./order/order-object.ts";
export { ReservationObject } from "./reservation/reservation-object.ts";
export { ShardObject } from "./escrow/shard-object.ts";
export { SkuObject } from "./sku/sku-object.ts";

export default {
  fetch: app.fetch,
  async queue(batch, env) {
    // What the queues are called depends on the deployment (`src/deploy/names.ts`).
    if (batch.queue.endsWith("-dead")) await keepDeadLetters(batch, ledgerOf(env).first);
    else await consumeStockEvents(batch, env);
  },
  async scheduled(event, env) {
    await reconcileAll(env, event.scheduledTime);
  },
} satisfies ExportedHandler<Env, StockEventsBatch>;
