import { approvalObjectName } from "../channel/approval/address.ts";
import type { ApprovalRequest } from "../channel/approval/contract.ts";
import { byThen, type Deadline, deadlineOf } from "../channel/approval/deadline.ts";
import { tooLate } from "../channel/approval/journal.ts";
import { unknownReason } from "../channel/approval/reason.ts";
import type { Answer, ApprovalAnswer, Asked, AvailabilityAnswer } from "../channel/kit/question.ts";
import { limits } from "../protocol/limits.ts";
import { newestStock } from "../sku/latest-views.ts";
import { publishedQuantity } from "../stock/publication.ts";
import { unreachable } from "../stock/refusal.ts";
import { log } from "../telemetry/log.ts";

/** What answering a channel's question needs. */
export interface Answering {
  readonly env: Pick<Env, "SKU" | "APPROVAL">;
  readonly channel: string;
  /** When the question came. */
  readonly arrivedAtMs: number;
  readonly now: () => number;
  /** Keeps work alive after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** The answer to what a channel asks while a buyer waits; undefined if there is none in time. */
export async function answerTo(asked: Asked, answering: Answering): Promise<Answer | undefined> {
  const { arrivedAtMs, now, env, channel } = answering;
  switch (asked.type) {
    case "availability": {
      const { answerByMs } = deadlineOf(arrivedAtMs, arrivedAtMs);
      return byThen(answerByMs, now(), availability(asked, answering));
    }
    case "approval":
      return approve(asked, answering);
    case "abandoned": {
      const { orderId } = asked.question;
      await env.APPROVAL.getByName(approvalObjectName(channel, orderId)).abandon(channel, orderId);
      return { type: "abandoned" };
    }
    default:
      return unreachable(asked);
  }
}

type AskedOf<Type extends Asked["type"]> = Extract<Asked, { type: Type }>;

/** Asked of the SKU itself: as fresh as can be. */
async function availability(
  { question, sku, rule }: AskedOf<"availability">,
  { env, channel }: Answering,
): Promise<AvailabilityAnswer> {
  const stock = sku === undefined ? undefined : await newestStock(env.SKU, sku);
  const about = { type: "availability", question } as const;
  if (stock === undefined || stock.retired === true) return { ...about, outcome: "unknown" };
  const { status, price, asOf } = stock;
  const quantity = publishedQuantity(stock, rule, channel);
  return { ...about, outcome: "known", quantity, isBackorder: status === "backorder", price, asOf };
}

async function approve(
  { question, skus }: AskedOf<"approval">,
  answering: Answering,
): Promise<ApprovalAnswer> {
  const unknown = question.lines.filter((_, index) => skus[index] === undefined).map(({ item }) => item);
  if (unknown.length > 0) return declined(unknownReason(unknown));
  if (question.lines.length > limits.reservationLinesMax) {
    return declined(`an order may have ${limits.reservationLinesMax} lines here`);
  }
  const { channel, arrivedAtMs } = answering;
  const { orderId, delivery, signedAtMs } = question;
  const deadline = deadlineOf(arrivedAtMs, signedAtMs);
  const lines = question.lines.map((line, index) => ({ ...line, sku: skus[index] ?? "" }));
  return decided({ channel, orderId, delivery, lines, decideByMs: deadline.decideByMs }, deadline, answering);
}

/** What is not known in time is declined, and the object that decides is told so. */
async function decided(
  request: ApprovalRequest,
  { answerByMs }: Deadline,
  { env, now, waitUntil }: Answering,
): Promise<ApprovalAnswer> {
  const approval = env.APPROVAL.getByName(approvalObjectName(request.channel, request.orderId));
  const asked = Promise.resolve(approval.approve(request)).catch((error: unknown) => {
    log("approval.failed", { channel: request.channel, order: request.orderId }, { error });
    return undefined;
  });
  const verdict = await byThen(answerByMs, now(), asked);
  if (verdict !== undefined && now() <= answerByMs) return { type: "approval", ...verdict };
  if (verdict?.outcome === "declined") return { type: "approval", ...verdict };
  const withdrawal = Promise.resolve(approval.withdraw(request)).catch((error: unknown) => {
    log("approval.not_withdrawn", { channel: request.channel, order: request.orderId }, { error });
  });
  waitUntil(withdrawal);
  return { type: "approval", ...tooLate };
}

function declined(reason: string): ApprovalAnswer {
  return { type: "approval", outcome: "declined", reason };
}
