import { unreachable } from "../../../stock/refusal.ts";
import type { Answer, ApprovalAnswer, AvailabilityAnswer } from "../../kit/question.ts";

/** Longest reason that is given for a decline, in characters. */
const reasonLengthMax = 500;

/** The body that Stripe wants for an answer. */
export function reply(answer: Answer): object {
  switch (answer.type) {
    case "availability":
      return availabilityBody(answer);
    case "approval":
      return approvalBody(answer);
    case "abandoned":
      return { accepted: 1 };
    default:
      return unreachable(answer);
  }
}

function approvalBody(answer: ApprovalAnswer): object {
  if (answer.outcome === "approved") return { manual_approval_details: { type: "approved" } };
  const reason = Array.from(answer.reason).slice(0, reasonLengthMax).join("");
  return { manual_approval_details: { type: "declined", declined: { reason } } };
}

function availabilityBody(answer: AvailabilityAnswer): object {
  const { item, account } = answer.question;
  const of = { sku_id: item, merchant_id: account };
  if (answer.outcome === "unknown") return { ...of, deleted: true };
  const { quantity, isBackorder, price, asOf } = answer;
  const status = quantity > 0 ? "in_stock" : isBackorder ? "backorder" : "out_of_stock";
  return {
    ...of,
    availability: { status, quantity },
    ...(price !== undefined && {
      price: { unit_amount: price.amount, currency: price.currency.toLowerCase() },
    }),
    // Rounded down: never newer than it was.
    as_of: Math.floor(Date.parse(asOf) / 1_000),
  };
}
