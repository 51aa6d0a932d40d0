import { createHash, createHmac } from "node:crypto";

export interface FakeWebhook {
  readonly id: number;
  readonly topic: string;
  readonly deliveryUrl: string;
  readonly secret: string;
  status: "active" | "paused" | "disabled";
  failures: number;
}

/** A request that the shop makes. */
export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers with the status of the receiver. */
export type Deliver = (delivery: Delivery) => Promise<number>;

/** Failed deliveries that a webhook survives; one more turns it off (class-wc-webhook.php, failed_delivery). */
const failuresMax = 5;

export class Webhooks {
  readonly all: FakeWebhook[] = [];
  deliver: Deliver = async () => 200;

  /** Making one sends a ping: a form, not signed. */
  async add(topic: string, deliveryUrl: string, secret: string): Promise<FakeWebhook> {
    const id = this.all.length + 1;
    const webhook: FakeWebhook = { id, topic, deliveryUrl, secret, status: "active", failures: 0 };
    this.all.push(webhook);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    await this.deliver({ url: deliveryUrl, headers, body: `webhook_id=${id}` });
    return webhook;
  }

  async fire(topic: string, payload: unknown, nowMs: number): Promise<void> {
    for (const webhook of this.all) {
      if (webhook.topic === topic && webhook.status === "active") await this.#send(webhook, payload, nowMs);
    }
  }

  async #send(webhook: FakeWebhook, payload: unknown, nowMs: number): Promise<void> {
    const body = JSON.stringify(payload);
    const [resource = "", event = ""] = webhook.topic.split(".");
    const headers = {
      "content-type": "application/json",
      "x-wc-webhook-source": "https://shop.example/",
      "x-wc-webhook-topic": webhook.topic,
      "x-wc-webhook-resource": resource,
      "x-wc-webhook-event": event,
      "x-wc-webhook-signature": createHmac("sha256", webhook.secret).update(body).digest("base64"),
      "x-wc-webhook-id": String(webhook.id),
      // The same for all deliveries of a webhook within a second.
      "x-wc-webhook-delivery-id": createHash("md5")
        .update(`${webhook.id}${Math.floor(nowMs / 1000)}`)
        .digest("hex"),
    };
    const status = await this.deliver({ url: webhook.deliveryUrl, headers, body });
    if (status >= 200 && status < 303) {
      webhook.failures = 0;
    } else if (webhook.failures > failuresMax) {
      webhook.status = "disabled";
    } else {
      webhook.failures += 1;
    }
  }
}

export function webhookJson({ id, topic, deliveryUrl, status }: FakeWebhook): Record<string, unknown> {
  const [resource, event] = topic.split(".");
  return { id, name: "", status, topic, resource, event, delivery_url: deliveryUrl };
}
