interface Waiting<Request, Result> {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Puts requests that come while a call is under way into the next one. If a call fails, all that were in it do. */
export class Lane<Request, Result> {
  readonly #call: (requests: Request[]) => Promise<readonly Result[]>;
  readonly #requestsMax: number;
  #waiting: Waiting<Request, Result>[] = [];
  #isRunning = false;

  constructor(requestsMax: number, call: (requests: Request[]) => Promise<readonly Result[]>) {
    this.#requestsMax = requestsMax;
    this.#call = call;
  }

  submit(request: Request): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, this.#requestsMax);
      try {
        const results = await this.#call(group.map(({ request }) => request));
        for (const [index, { resolve, reject }] of group.entries()) {
          const result = results[index];
          if (result === undefined) reject(new Error("a request was left unanswered"));
          else resolve(result);
        }
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#isRunning = false;
  }
}
