import { AwsV4Signer } from "aws4fetch";
import { z } from "zod";
import { ChannelUnreadableError } from "../../kit/adapter.ts";
import { call } from "../../kit/call.ts";
import { parseJson, words } from "../../kit/words.ts";
import { type AmazonContext, queueRegion } from "./settings.ts";

/** Messages that one request brings or removes, by SQS's own limit. */
export const messagesMax = 10;
/** On top of the time a request may wait for a message. */
const answerMs = 10_000;

const Messages = z.looseObject({
  Messages: z
    .array(z.looseObject({ MessageId: z.string(), ReceiptHandle: z.string(), Body: z.string() }))
    .optional(),
});

const Deleted = z.looseObject({
  Failed: z.array(z.looseObject({ Id: z.string(), Message: z.string().optional() })).optional(),
});

const Attributes = z.looseObject({ Attributes: z.record(z.string(), z.string()).optional() });

/** SQS's JSON protocol names an error's type after a `#`. */
const Failure = z.looseObject({
  __type: z.string(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

/** SQS refused a request. `type` is its name for the reason. */
export class QueueError extends ChannelUnreadableError {
  readonly type: string | undefined;

  constructor(detail: string, type?: string) {
    super(detail);
    this.type = type;
  }
}

/** Messages that stay in the queue, unseen by others, until they are deleted or their time to be handled is over. */
export async function receiveMessages(context: AmazonContext, waitSeconds: number) {
  const input = { MaxNumberOfMessages: messagesMax, WaitTimeSeconds: waitSeconds };
  const answer = await invoke(context, "ReceiveMessage", input, Messages, waitSeconds * 1000 + answerMs);
  return answer.Messages ?? [];
}

/** Deletes messages, at most 10, by their receipts. Those that it could not delete come again. */
export async function deleteMessages(context: AmazonContext, receipts: readonly string[]): Promise<void> {
  const entries = receipts.map((receipt, index) => ({ Id: String(index), ReceiptHandle: receipt }));
  const { Failed = [] } = await invoke(
    context,
    "DeleteMessageBatch",
    { Entries: entries },
    Deleted,
    answerMs,
  );
  const [first] = Failed;
  if (first !== undefined) {
    throw new QueueError(
      `${Failed.length} messages were not deleted: ${words(first.Message ?? "no reason given")}`,
    );
  }
}

export async function queueAttributes(context: AmazonContext): Promise<Readonly<Record<string, string>>> {
  const input = { AttributeNames: ["All"] };
  return (await invoke(context, "GetQueueAttributes", input, Attributes, answerMs)).Attributes ?? {};
}

async function invoke<Answer>(
  context: AmazonContext,
  action: string,
  input: object,
  schema: z.ZodType<Answer>,
  timeoutMs: number,
): Promise<Answer> {
  const { queueUrl } = context.settings;
  if (queueUrl === undefined) throw new QueueError("there is no queueUrl in the settings");
  const signed = await signedRequest(
    context,
    queueUrl,
    action,
    JSON.stringify({ QueueUrl: queueUrl, ...input }),
  );
  const called = await call(context, signed.url, signed.init, { timeoutMs });
  if (called.outcome === "failed") throw new QueueError(`the queue cannot be reached: ${called.detail}`);
  const { status, text } = called.answer;
  const json = text === "" ? {} : parseJson(text);
  if (status !== 200) throw refusal(status, text, json);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new QueueError(`the queue's answer to ${action} cannot be understood: ${words(text)}`);
}

async function signedRequest(context: AmazonContext, queueUrl: string, action: string, body: string) {
  const { awsAccessKeyId, awsSecretAccessKey } = context.credentials;
  if (awsAccessKeyId === undefined || awsSecretAccessKey === undefined) {
    throw new QueueError(
      "the credentials awsAccessKeyId and awsSecretAccessKey are needed to read the queue",
    );
  }
  const signer = new AwsV4Signer({
    method: "POST",
    url: `${new URL(queueUrl).origin}/`,
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` },
    body,
    accessKeyId: awsAccessKeyId,
    secretAccessKey: awsSecretAccessKey,
    service: "sqs",
    region: queueRegion(queueUrl) ?? "us-east-1",
    datetime: new Date(context.now()).toISOString().replaceAll(/[:-]|\.\d{3}/g, ""),
  });
  const { url, headers } = await signer.sign();
  return { url: url.href, init: { method: "POST", headers: Object.fromEntries(headers), body } };
}

function refusal(status: number, text: string, json: unknown): QueueError {
  const failure = Failure.safeParse(json);
  if (!failure.success) return new QueueError(`the queue answers HTTP ${status}: ${words(text)}`);
  const { __type, message, Message } = failure.data;
  const type = __type.split("#").at(-1) ?? __type;
  return new QueueError(`the queue refuses: ${words(`${type}: ${message ?? Message ?? ""}`)}`, type);
}
