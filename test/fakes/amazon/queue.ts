import { json, onlyKeys, Refusal, sqsError } from "./answers.ts";
import { type AwsKey, verifySignatureV4 } from "./signature-v4.ts";

interface Message {
  readonly id: string;
  readonly body: string;
  visibleAtMs: number;
  receives: number;
  receipts: string[];
}

const fieldsOf: Record<string, readonly string[]> = {
  ReceiveMessage: [
    "QueueUrl",
    "MaxNumberOfMessages",
    "WaitTimeSeconds",
    "VisibilityTimeout",
    "AttributeNames",
  ],
  DeleteMessageBatch: ["QueueUrl", "Entries"],
  GetQueueAttributes: ["QueueUrl", "AttributeNames"],
};

/** A standard SQS queue with a dead-letter queue, speaking the AWS JSON protocol 1.0. A wait for messages takes no time. */
export class QueueFake {
  readonly url = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders";
  readonly key: AwsKey = { id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
  visibilityMs = 30_000;
  receivesMax = 3;
  hasDeadLetters = true;
  /** Actions the key's user may not take. */
  readonly forbidden = new Set<string>();
  readonly deadLetters: string[] = [];
  /** The waits that were asked for, in seconds. */
  readonly waits: number[] = [];
  #messages: Message[] = [];
  #count = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  send(body: string): string {
    this.#count += 1;
    const id = `m-${this.#count}`;
    this.#messages.push({ id, body, visibleAtMs: 0, receives: 0, receipts: [] });
    return id;
  }

  get size(): number {
    return this.#messages.length;
  }

  answer(url: URL, method: string, headers: Headers, body: string): Response {
    if (method !== "POST" || url.pathname !== "/")
      throw sqsError(404, "InvalidAddress", "The address is not valid for this endpoint.");
    verifySignatureV4(url, method, headers, body, this.key, this.#now());
    if (headers.get("content-type") !== "application/x-amz-json-1.0") throw new Refusal(404, {});
    const [service, action = ""] = (headers.get("x-amz-target") ?? "").split(".");
    const fields = fieldsOf[action];
    if (service !== "AmazonSQS" || fields === undefined) throw sqsError(400, "UnknownOperationException", "");
    if (this.forbidden.has(action)) {
      throw sqsError(
        403,
        "AccessDeniedException",
        `User is not authorized to perform: sqs:${action.toLowerCase()}`,
      );
    }
    const input = JSON.parse(body) as Record<string, unknown>;
    onlyKeys(input, fields, (name) => sqsError(400, "InvalidParameterValueException", `${name} is unknown`));
    if (input["QueueUrl"] !== this.url)
      throw sqsError(400, "QueueDoesNotExist", "The specified queue does not exist.");
    if (action === "ReceiveMessage") return this.#receive(input);
    if (action === "DeleteMessageBatch") return this.#delete(input);
    const policy = JSON.stringify({
      deadLetterTargetArn: "arn:aws:sqs:eu-west-1:123456789012:dead",
      maxReceiveCount: this.receivesMax,
    });
    return json(200, {
      Attributes: { VisibilityTimeout: "30", ...(this.hasDeadLetters && { RedrivePolicy: policy }) },
    });
  }

  #receive({ MaxNumberOfMessages: most = 1, WaitTimeSeconds: wait = 0 }: Record<string, unknown>): Response {
    if (typeof most !== "number" || most < 1 || most > 10)
      throw sqsError(400, "InvalidParameterValue", "MaxNumberOfMessages");
    if (typeof wait !== "number" || wait < 0 || wait > 20)
      throw sqsError(400, "InvalidParameterValue", "WaitTimeSeconds");
    this.waits.push(wait);
    const nowMs = this.#now();
    const tired = this.#messages.filter(
      ({ visibleAtMs, receives }) => visibleAtMs <= nowMs && receives >= this.receivesMax,
    );
    this.deadLetters.push(...tired.map(({ body }) => body));
    this.#messages = this.#messages.filter((message) => !tired.includes(message));
    const taken = this.#messages.filter(({ visibleAtMs }) => visibleAtMs <= nowMs).slice(0, most);
    const told = taken.map((message) => {
      message.visibleAtMs = nowMs + this.visibilityMs;
      message.receives += 1;
      const receipt = `${message.id}/${message.receives}`;
      message.receipts.push(receipt);
      return { MessageId: message.id, ReceiptHandle: receipt, MD5OfBody: "-", Body: message.body };
    });
    // SQS leaves the field out if there is nothing.
    return json(200, told.length === 0 ? {} : { Messages: told });
  }

  #delete({ Entries: entries }: Record<string, unknown>): Response {
    if (!Array.isArray(entries) || entries.length === 0)
      throw sqsError(400, "EmptyBatchRequest", "There should be at least one entry");
    if (entries.length > 10)
      throw sqsError(400, "TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10.");
    const given = entries as { Id: string; ReceiptHandle: string }[];
    if (new Set(given.map(({ Id }) => Id)).size < given.length)
      throw sqsError(400, "BatchEntryIdsNotDistinct", "");
    const known = new Set(this.#messages.flatMap(({ receipts }) => receipts));
    const isKnown = ({ ReceiptHandle }: { ReceiptHandle: string }) => known.has(ReceiptHandle);
    const gone = new Set(given.map(({ ReceiptHandle }) => ReceiptHandle));
    this.#messages = this.#messages.filter(({ receipts }) => !receipts.some((receipt) => gone.has(receipt)));
    return json(200, {
      Successful: given.filter(isKnown).map(({ Id }) => ({ Id })),
      Failed: given
        .filter((one) => !isKnown(one))
        .map(({ Id }) => ({
          Id,
          SenderFault: true,
          Code: "ReceiptHandleIsInvalid",
          Message: "The receipt handle is invalid",
        })),
    });
  }
}
