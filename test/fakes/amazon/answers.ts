/** Throws what the fake refuses; becomes an answer as Amazon gives it. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** An error of the Selling Partner API (`ErrorList`). */
export function spError(status: number, code: string, message: string, details = ""): Refusal {
  return new Refusal(status, { errors: [{ code, message, details }] }, { "x-amzn-RequestId": "r-1" });
}

/** An error of SQS's JSON protocol. */
export function sqsError(status: number, type: string, message: string): Refusal {
  return new Refusal(status, { __type: `com.amazonaws.sqs#${type}`, message });
}

/** The only names an object may have. */
export function onlyKeys(given: object, allowed: readonly string[], refuse: (name: string) => Error): void {
  for (const name of Object.keys(given)) if (!allowed.includes(name)) throw refuse(name);
}

/** A token bucket as Amazon's usage plans have it. */
export class UsagePlan {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #atMs = 0;

  constructor(rate: number, burst: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
  }

  take(nowMs: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) * this.#rate) / 1000);
    this.#atMs = nowMs;
    if (this.#tokens < 1) {
      const body = {
        errors: [{ code: "QuotaExceeded", message: "You exceeded your quota for the requested resource." }],
      };
      throw new Refusal(429, body, { "x-amzn-RateLimit-Limit": this.#rate.toFixed(1) });
    }
    this.#tokens -= 1;
  }

  get headers(): Record<string, string> {
    return { "x-amzn-RateLimit-Limit": this.#rate.toFixed(1) };
  }
}
